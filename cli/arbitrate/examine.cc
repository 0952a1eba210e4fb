#include "cli/arbitrate/examine.h"

#include "base/file.h"
#include "base/text.h"
#include "claims/arbitrate/decide.h"
#include "claims/arbitrate/seal.h"
#include "cli/arbitrate/suspect_models.h"
#include "cli/claims/commitment_text.h"
#include "sign/digest.h"

namespace wmk::cli {

namespace {

Status read_papers(const ArbitrateOptions& options, Case& out) {
  auto trust = claims::TrustFolder::read(options.trust);
  if (!trust) return std::move(trust).error();
  out.trust = *std::move(trust);
  auto claimant = claims::read_party(options.claim, out.trust);
  if (!claimant) return std::move(claimant).error().within("claim");
  out.claimant = *std::move(claimant);
  if (options.counterclaim.empty()) return {};
  auto opponent = claims::read_party(options.counterclaim, out.trust, claims::Role::none);
  if (!opponent) return std::move(opponent).error().within("counterclaim");
  out.opponent = *std::move(opponent);
  return {};
}

Status read_acquisition(const ArbitrateOptions& options, claims::CaseFacts& facts) {
  if (options.acquisition.empty()) return {};
  auto text = read_text(options.acquisition, claims::kAcquisitionBytesMax);
  if (!text) return std::move(text).error();
  auto parsed = claims::parse_acquisition(*std::move(text));
  if (!parsed) return std::move(parsed).error().within(escaped(options.acquisition));
  facts.acquisition = *std::move(parsed);
  return {};
}

// If the acquisition names a seal of the accused.
Status check_seal(const ArbitrateOptions& options, const sign::Statement& files, Case& all) {
  const auto& acquisition = all.facts->acquisition;
  if (!acquisition || acquisition->seal.empty()) return {};
  claims::SealRequest request{all.trust, all.claimant.signer, files, {}};
  request.model.model = options.suspect;
  request.model.signature =
      std::filesystem::path(options.acquisition).parent_path() / acquisition->seal;
  request.model.threads = options.common.thread_count();
  request.model.ignore_paths = {options.ignore_paths.begin(), options.ignore_paths.end()};
  auto checked = claims::check_seal(request);
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

// Of the program that runs.
Status read_program(const ArbitrateOptions& options, Case& out) {
  if (options.report.empty()) return {};
  auto digests = digests_of_files({kOwnProgram}, 1);
  if (!digests) return std::move(digests).error();
  out.program = digests->front().sha256;
  return {};
}

Status read_suspect_files(const ArbitrateOptions& options, Case& out) {
  claims::SuspectFacts& suspect = out.facts->suspect;
  if (!options.suspect.empty()) {
    const auto seal = manifest_of(options.suspect, options.ignore_paths, options.common);
    if (!seal) return Error(seal.error()).within(escaped(options.suspect));
    suspect.root = seal->statement.root;
    list_files(options.suspect, *seal, out.files);
    // Weights that --ignore-paths leaves out of the root are still read.
    if (!options.ignore_paths.empty()) {
      out.notes.insert(out.notes.end(), seal->notes.begin(), seal->notes.end());
    }
    return check_seal(options, seal->statement, out);
  }
  const std::vector<std::filesystem::path> files(options.logits.begin(), options.logits.end());
  auto digests = digests_of_files(files, options.common.thread_count());
  if (!digests) return std::move(digests).error();
  out.files = *std::move(digests);
  suspect.answers = digest_of(out.files);
  return {};
}

Status count(const ArbitrateOptions& options, Case& out) {
  ProgressBar bar(shows_progress(options.common.progress, options.common.quiet));
  auto counted = claims::count_commitments({options.logs.begin(), options.logs.end()}, out.trust,
                                           out.claimant, options.common.thread_count(), &bar);
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

Result<Bytes> root_of(const std::string& model, const ArbitrateOptions& options) {
  const auto seal = manifest_of(model, options.ignore_paths, options.common);
  if (!seal) return Error(seal.error()).within(escaped(model));
  return seal->statement.root;
}

Result<std::unique_ptr<Case>> examine(const ArbitrateOptions& options) {
  const Stopwatch stopwatch;
  auto out = std::make_unique<Case>();
  Status status = read_papers(options, *out);
  if (status) status = read_program(options, *out);
  if (!status) return std::move(status).error();
  out->facts = std::make_unique<claims::CaseFacts>(claims::CaseFacts{out->claimant, {}});
  claims::CaseFacts& facts = *out->facts;
  facts.opponent = out->opponent ? &*out->opponent : nullptr;
  note_ignored(out->claimant, out->notes);
  if (out->opponent) note_ignored(*out->opponent, out->notes);
  if (status = read_acquisition(options, facts); !status) return std::move(status).error();
  if (claims::may_read(out->claimant)) {
    if (out->claimant.commitment->rules != claims::verdict_rules()) {
      out->notes.emplace_back(
          "the commitment was made under other verdict rules than this "
          "program's");
    }
    status = count(options, *out);
    if (status) status = read_suspect_files(options, *out);
    if (status) status = read_models(options, *out);
    if (!status) return std::move(status).error();
  }
  out->seconds = stopwatch.seconds();
  return out;
}

}  // namespace wmk::cli
