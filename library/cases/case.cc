#include "library/cases/case.h"

#include "base/file.h"
#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/seal.h"
#include "library/cases/case_models.h"
#include "library/models/on_disk.h"
#include "sign/digest.h"

namespace wmk::library {

namespace {

// Whether the parts of the request fit together.
Status check(const CaseRequest& request) {
  const auto refuse = [](const char* why) {
    return Status(Error(ErrorCode::invalid_argument, why));
  };
  if (request.suspect.empty() == request.logits.empty()) {
    return refuse("either 'suspect' or 'logits' must name the suspect");
  }
  if (!request.logits.empty() && request.tokenizer.empty()) {
    return refuse("'logits' need 'tokenizer'");
  }
  if (!request.logits.empty() && !request.controls.empty()) {
    return refuse("'control' is read beside a model, not beside logits");
  }
  if (!request.counter_release.empty() && request.counterclaim.empty()) {
    return refuse("'counter-release' needs 'counterclaim'");
  }
  return check_on_disk(request.suspect);
}

Status read_papers(const CaseRequest& request, Case& out) {
  auto trust = claims::TrustFolder::read(request.trust);
  if (!trust) return std::move(trust).error();
  out.trust = *std::move(trust);
  auto claimant = claims::read_party(request.claim, out.trust);
  if (!claimant) return std::move(claimant).error().within("claim");
  out.claimant = *std::move(claimant);
  if (request.counterclaim.empty()) return {};
  auto opponent = claims::read_party(request.counterclaim, out.trust, claims::Role::none);
  if (opponent) {
    out.opponent = *std::move(opponent);
    return {};
  }
  // Files that are not what they should be do not stop the claim.
  if (opponent.error().code() == ErrorCode::io) {
    return std::move(opponent).error().within("counterclaim");
  }
  out.opponent.emplace().folder = request.counterclaim;
  out.opponent->integrity.no(sign::Code::bundle_malformed, opponent.error().message());
  return {};
}

Status read_acquisition(const CaseRequest& request, claims::CaseFacts& facts) {
  if (request.acquisition.empty()) return {};
  auto text = read_text(request.acquisition, claims::kAcquisitionBytesMax);
  if (!text) return std::move(text).error();
  auto parsed = claims::parse_acquisition(*std::move(text));
  if (!parsed) return std::move(parsed).error().within(escaped(request.acquisition));
  facts.acquisition = *std::move(parsed);
  return {};
}

// If the acquisition names a seal of the accused.
Status check_seal(const CaseRequest& request, const sign::Statement& files, Case& all) {
  const auto& acquisition = all.facts->acquisition;
  if (!acquisition || acquisition->seal.empty()) return {};
  claims::SealRequest seal{all.trust, all.claimant.signer, files, {}};
  seal.model.model = request.suspect;
  seal.model.signature =
      std::filesystem::path(request.acquisition).parent_path() / acquisition->seal;
  seal.model.threads = request.threads;
  seal.model.ignore_paths = {request.ignore_paths.begin(), request.ignore_paths.end()};
  auto checked = claims::check_seal(seal);
  if (!checked) return std::move(checked).error().within("seal");
  all.facts->suspect.seal = *std::move(checked);
  return {};
}

// One file: its SHA-256. Several: that of their digests in hexadecimal, one a line.
Bytes digest_of(const std::vector<FileDigest>& files) {
  if (files.size() == 1) return from_hex(files.front().sha256).value_or(Bytes());
  std::string lines;
  for (const FileDigest& each : files) lines += each.sha256 + "\n";
  return sign::sha256(as_bytes(lines));
}

// A model may be one file.
void list_files(const std::filesystem::path& model, const sign::Seal& seal,
                std::vector<FileDigest>& out) {
  const bool is_folder = std::filesystem::is_directory(model);
  for (const sign::Resource& each : seal.statement.resources) {
    const auto path = is_folder ? model / each.name : model;
    std::error_code failure;
    const auto bytes = std::filesystem::file_size(path, failure);
    out.push_back({is_folder ? each.name : path.filename().string(), failure ? 0 : bytes,
                   to_hex(each.digest)});
  }
}

Status read_suspect_files(const CaseRequest& request, Case& out) {
  claims::SuspectFacts& suspect = out.facts->suspect;
  if (!request.suspect.empty()) {
    const auto seal = files_of(request.suspect, request);
    if (!seal) return seal.error();
    suspect.root = seal->statement.root;
    list_files(request.suspect, *seal, out.files);
    // Weights that --ignore-paths leaves out of the root are still read.
    if (!request.ignore_paths.empty()) {
      out.notes.insert(out.notes.end(), seal->notes.begin(), seal->notes.end());
    }
    return check_seal(request, seal->statement, out);
  }
  const std::vector<std::filesystem::path> files(request.logits.begin(), request.logits.end());
  auto digests = digests_of_files(files, request.threads);
  if (!digests) return std::move(digests).error();
  out.files = *std::move(digests);
  suspect.answers = digest_of(out.files);
  return {};
}

Status count(const CaseRequest& request, Case& out) {
  auto counted = claims::count_commitments({request.logs.begin(), request.logs.end()}, out.trust,
                                           out.claimant, request.threads, request.progress);
  if (!counted) return std::move(counted).error();
  out.facts->count = *std::move(counted);
  return {};
}

void note_ignored(const claims::Party& party, std::vector<std::string>& notes) {
  for (const std::string& name : party.ignored) {
    notes.push_back(cat(escaped(party.folder), ": '", escaped(name),
                        "' was ignored: a claim brings statements and proofs, never roots of "
                        "trust"));
  }
  for (const std::string& name : party.unproven) {
    notes.push_back(cat(escaped(party.folder), ": the proof '", escaped(name),
                        "' proves none of the statements to a log of the policy"));
  }
}

}  // namespace

Result<sign::Seal> files_of(const std::string& model, const CaseRequest& request) {
  auto seal = manifest_of(model, request.ignore_paths, request.threads, request.progress);
  return seal ? std::move(seal) : std::move(seal).error().within(escaped(model));
}

Result<std::unique_ptr<Case>> examine(const CaseRequest& request) {
  Status status = check(request);
  if (!status) return std::move(status).error();
  auto out = std::make_unique<Case>();
  if (status = read_papers(request, *out); !status) return std::move(status).error();
  out->facts = std::make_unique<claims::CaseFacts>(claims::CaseFacts{out->claimant, {}});
  claims::CaseFacts& facts = *out->facts;
  facts.opponent = out->opponent ? &*out->opponent : nullptr;
  note_ignored(out->claimant, out->notes);
  if (out->opponent) note_ignored(*out->opponent, out->notes);
  if (status = read_acquisition(request, facts); !status) return std::move(status).error();
  if (claims::may_read(out->claimant)) {
    if (out->claimant.commitment->rules != claims::verdict_rules()) {
      out->notes.emplace_back(
          "the commitment was made under other verdict rules than this "
          "program's");
    }
    status = count(request, *out);
    if (status) status = read_suspect_files(request, *out);
    if (status) status = read_models(request, *out);
    if (!status) return std::move(status).error();
  }
  return out;
}

}  // namespace wmk::library
