// claim pack: collects what a claimant brings before an arbitrator.
#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "claims/arbitrate/unproven.h"
#include "claims/commit/pack.h"
#include "cli/claims/acquire_command.h"
#include "cli/command.h"
#include "cli/verify/trusted_signers.h"
#include "cli/verify/verification_text.h"

namespace wmk::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProofStart = "c2sp.org/tlog-proof@v1\n";
constexpr const char* kClaimsName = "claims.jsonl";

struct PackOptions {
  CommonOptions common;
  TrustedSignerOptions trust;
  std::string folder;
  std::vector<std::string> files;
  bool force = false;
};

// What the files hold.
struct Collected {
  std::vector<claims::ClaimLine> lines;
  std::vector<claims::NamedProof> proofs;
  claims::Unproven unproven;
  sign::Findings findings;

  bool has_secrets() const { return !claims::of_type(lines, claims::kDisclosureType).empty(); }
};

Status add_proof(const fs::path& path, const std::string& text, Collected& out) {
  const std::string name = path.filename().string();
  const auto is_same = [&](const claims::NamedProof& each) { return each.name == name; };
  if (std::ranges::any_of(out.proofs, is_same)) {
    return Error(ErrorCode::invalid_argument, cat("two proofs have the name ", escaped(name)));
  }
  auto proof = claims::parse_tlog_proof(text);
  if (!proof) return std::move(proof).error().within(escaped(path.string()));
  out.proofs.push_back({name, text, *std::move(proof)});
  return {};
}

// A file is a proof, one bundle, or several bundles, one a line.
Status add_file(const std::string& file, Collected& out) {
  auto text = read_text(file, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  if (text->starts_with(kProofStart)) return add_proof(file, *text, out);
  if (auto line = claims::one_line(*text)) *text = *std::move(line);  // printed over many lines
  auto lines = claims::read_claims(*text, out.findings, {.log_entries = true});
  if (!lines) return std::move(lines).error().within(escaped(file));
  if (!*lines || (*lines)->empty()) {
    const std::string_view why =
        *lines ? std::string_view("the file is empty") : out.findings.reasons.front().text;
    return malformed(cat(escaped(file), ": not a bundle: ", why));
  }
  for (claims::ClaimLine& line : **lines) {
    if (!line.bundle.entries.empty()) out.findings.note("transparency log entries are not checked");
    const auto is_same = [&](const claims::ClaimLine& each) { return each.text == line.text; };
    if (!std::ranges::any_of(out.lines, is_same)) out.lines.push_back(std::move(line));
  }
  return {};
}

// The folder appears with all its files, or not at all.
Status write_claim(const PackOptions& options, const Collected& collected) {
  auto folder = PendingOutput::begin(options.folder, PendingOutput::Kind::folder, options.force);
  if (!folder) return std::move(folder).error();
  std::error_code failure;
  const auto owner = fs::perms::owner_all;
  if (collected.has_secrets()) fs::permissions(folder->path(), owner, failure);
  std::string text;
  for (const claims::ClaimLine& line : collected.lines) text += line.text + "\n";
  const unsigned mode = collected.has_secrets() ? 0600 : 0644;
  auto status = write_whole(folder->path() / kClaimsName, as_bytes(text), mode, false);
  if (!collected.proofs.empty()) fs::create_directory(folder->path() / "proofs", failure);
  if (failure) return Error(ErrorCode::io, cat(escaped(options.folder), ": ", failure.message()));
  for (const claims::NamedProof& proof : collected.proofs) {
    if (!status) return status;
    status = write_whole(folder->path() / "proofs" / proof.name, as_bytes(proof.text), 0644, false);
  }
  return status ? folder->commit() : status;
}

std::string counts_text(const Collected& collected) {
  std::string out;
  for (const auto& [type, one] : {std::pair(claims::kCommitmentType, "commitments"),
                                  std::pair(sign::kReleaseType, "release statements"),
                                  std::pair(sign::kPredicateType, "seals"),
                                  std::pair(claims::kDisclosureType, "disclosures")}) {
    out += cat(out.empty() ? "" : ", ", one, " ", claims::of_type(collected.lines, type).size());
  }
  return cat(out, ", proofs ", collected.proofs.size());
}

std::string pack_json(const PackOptions& options, const Collected& collected) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/claim-pack/v1");
  write_findings(collected.findings, out);
  out.member("claim", options.folder);
  out.member("bundles", static_cast<uint64_t>(collected.lines.size()));
  out.member("proofs", static_cast<uint64_t>(collected.proofs.size()));
  out.key("unproven").begin_array();
  for (const size_t i : collected.unproven.statements) out.value(collected.lines[i].type);
  out.end_array();
  return out.member("secret", collected.has_secrets()).end_object().finish();
}

std::string pack_text(const PackOptions& options, const Collected& collected) {
  if (!collected.findings.good()) {
    return cat("bad: the files do not make a claim; ", escaped(options.folder),
               " was not written\n", reasons_text(collected.findings.reasons));
  }
  return cat("packed: ", escaped(options.folder), " has ", counts_text(collected), "\n",
             collected.has_secrets() ? "  secret: it holds a disclosed share; log the disclosure "
                                       "before you hand it over\n"
                                     : "");
}

// What an arbitrator would ask for.
void note_missing(const Collected& collected) {
  for (const size_t i : collected.unproven.statements) {
    const bool is_commitment = collected.lines[i].type == claims::kCommitmentType;
    note(cat("no proof shows that a log has the ", is_commitment ? "commitment" : "disclosure",
             " on line ", i + 1, " of ", kClaimsName,
             is_commitment ? ": without one an arbitrator counts 2^64 tries"
                           : ": without one nothing dates it but its timestamps",
             "; 'weightmark log prove' writes it"));
  }
  for (const size_t i : collected.unproven.proofs) {
    note(cat(escaped(collected.proofs[i].name), " proves none of these statements"));
  }
}

int pack(const PackOptions& options) {
  auto keys = read_trusted_signers(options.trust, true);
  if (!keys) return fail(keys.error());
  claims::Trust trust;
  keys->apply_to(trust);
  Status status = try_output(options.folder, options.force);
  if (!status) return fail(status.error());
  Collected collected;
  for (const std::string& file : options.files) {
    if (status = add_file(file, collected); !status) return fail(status.error());
  }
  claims::check_together(collected.lines, trust, collected.findings);
  auto unproven = claims::find_unproven(collected.lines, collected.proofs, trust.key);
  if (!unproven) return fail(unproven.error());
  collected.unproven = *std::move(unproven);
  const bool good = collected.findings.good();
  if (good) status = write_claim(options, collected);
  if (!status) return fail(status.error());
  if (good && !trust.key && !trust.anchors && !options.common.quiet) {
    note("the signatures were not checked: no trusted key was named");
  }
  if (good && !options.common.quiet) note_missing(collected);
  say(options.common.json ? pack_json(options, collected) : pack_text(options, collected));
  return good ? kYes : kNo;
}

}  // namespace

void add_claim_command(Command app, Action& action) {
  auto options = std::make_shared<PackOptions>();
  Command command = app.add_subcommand("claim", "collect what is brought before an arbitrator");
  command.example(
      "weightmark claim pack claim share.jsonl model.sig model.jsonl mark.tlog-proof "
      "--public-key release.pub");
  command.require_one_subcommand();
  add_acquire(command, action);
  Command packing = command.add_subcommand("pack", "write a claim folder from bundles and proofs");
  packing.example(
      "weightmark claim pack claim share.jsonl model.sig model.jsonl mark.tlog-proof "
      "--public-key release.pub");
  packing.add_option("folder", options->folder, "folder to create").required();
  packing
      .add_arguments("files", options->files,
                     "seals, release statements, commitments, disclosures, .tlog-proof files")
      .required();
  add_trusted_signer_options(packing, options->trust);
  packing.add_flag("--force", options->force, "replace an existing folder");
  add_output_options(packing, options->common);
  packing.callback([options, &action] { action = [options] { return pack(*options); }; });
}

}  // namespace wmk::cli
