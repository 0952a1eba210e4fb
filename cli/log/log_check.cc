// `log check`.
#include "base/file.h"
#include "base/text.h"
#include "claims/log/check_proof.h"
#include "claims/log/tile.h"
#include "cli/log/log_inputs.h"

namespace wmk::cli {

namespace {

struct CheckOptions {
  std::string proof, bundle, public_key, entry;
  LogTrustOptions trust;
  bool json = false;
};

Result<crypto::TreeHash> leaf_to_check(const CheckOptions& options) {
  if (!options.entry.empty()) {
    const auto entry = read_text(options.entry, claims::kEntryBytesMax);
    if (!entry) return entry.error();
    return crypto::tree_leaf(as_bytes(*entry));
  }
  const auto entries = read_entries({options.bundle}, options.public_key);
  if (!entries) return entries.error();
  if (entries->size() == 1) return crypto::tree_leaf(as_bytes(entries->front().entry));
  return Error(ErrorCode::invalid_argument,
               cat(escaped(options.bundle), ": has ", entries->size(), " bundles, not one"));
}

std::string check_json(const CheckOptions& options, const claims::LogReasons& reasons,
                       const std::optional<claims::ProvenEntry>& proven) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/log-check/v1").member("path", options.proof);
  out.member("verdict", proven ? "good" : "bad");
  write_reasons(reasons, out);
  if (proven) {
    out.member("origin", proven->checkpoint.origin).member("index", proven->index);
    out.member("size", proven->checkpoint.head.size);
    out.member("root", to_hex(proven->checkpoint.head.root));
    write_witnesses(proven->checkpoint.witnesses, out);
  }
  return out.end_object().finish();
}

std::string check_text(const CheckOptions& options, const claims::LogReasons& reasons,
                       const std::optional<claims::ProvenEntry>& proven) {
  if (!proven) {
    return cat("bad: ", escaped(options.proof), " does not prove that the log has the entry\n",
               reasons_text(reasons));
  }
  return cat("good: ", escaped(proven->checkpoint.origin), " has it as entry ", proven->index,
             " of ", proven->checkpoint.head.size, "\n",
             witnesses_text(proven->checkpoint.witnesses));
}

int check(const CheckOptions& options) {
  if (options.bundle.empty() == options.entry.empty()) {
    return fail(
        Error(ErrorCode::invalid_argument, "what was logged: a bundle or --entry, not both"));
  }
  const auto policy = read_log_trust(options.trust);
  if (!policy) return fail(policy.error());
  const auto text = read_text(options.proof, claims::kProofBytesMax);
  if (!text) return fail(text.error());
  const auto proof = claims::parse_tlog_proof(*text);
  if (!proof) return fail(Error(proof.error()).within(escaped(options.proof)));
  const auto leaf = leaf_to_check(options);
  if (!leaf) return fail(leaf.error());
  claims::LogReasons reasons;
  const auto proven = claims::check_proof(*leaf, *proof, *policy, reasons);
  if (!proven) return fail(Error(proven.error()).within(escaped(options.proof)));
  say(options.json ? check_json(options, reasons, *proven) : check_text(options, reasons, *proven));
  return *proven ? kYes : kNo;
}

}  // namespace

void add_log_check(Command log, Action& action) {
  auto options = std::make_shared<CheckOptions>();
  Command command = log.add_subcommand("check", "check a proof, without the log");
  command.example(
      "weightmark log check mark.tlog-proof mark.commitment.sigstore.json --policy policy "
      "--public-key release.pub");
  command.add_option("proof", options->proof, "the proof (.tlog-proof)").required();
  command.add_option("bundle", options->bundle, "the bundle that was logged");
  command.add_option("--entry", options->entry, "file with the entry, in place of a bundle");
  command.add_option("--public-key", options->public_key,
                     "PEM key of the signer, for a bundle without a certificate");
  add_log_trust_options(command, options->trust);
  command.add_flag("--json", options->json, "print one JSON document instead of text");
  command.callback([options, &action] { action = [options] { return check(*options); }; });
}

}  // namespace wmk::cli
