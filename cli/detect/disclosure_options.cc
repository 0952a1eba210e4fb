#include "cli/detect/disclosure_options.h"

#include "base/file.h"
#include "base/text.h"
#include "cli/verify/verification_text.h"
#include "sign/bundle/bundle.h"

namespace wmk::cli {

std::vector<Option> add_disclosure_options(Command command, DisclosureOptions& options) {
  Option file = command.add_option("--disclosure", options.file,
                                   "a disclosed share (weightmark disclose) in place of --key");
  command.add_option("--commitment", options.commitment,
                     "your own copy of its commitment (default: the copy in the disclosure)");
  command.add_option("--public-key", options.trust.public_key,
                     "PEM public key of the claimant, who must have signed both");
  command.add_option("--certificate-chain", options.trust.chain,
                     "PEM root certificates, one of which must certify the claimant");
  return {file};
}

Result<claims::CheckedDisclosure> open_disclosure(const DisclosureOptions& options) {
  const auto keys = read_trusted_signers(options.trust, true);
  if (!keys) return keys.error();
  claims::Trust trust;
  keys->apply_to(trust);
  auto text = read_text(options.file, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  std::string commitment;
  if (!options.commitment.empty()) {
    auto own = read_text(options.commitment, sign::kBundleBytesMax);
    if (!own) return std::move(own).error();
    commitment = *std::move(own);
    if (trimmed(commitment).empty()) {
      return malformed(cat(escaped(options.commitment), ": the file is empty"));
    }
  }
  auto checked = claims::check_disclosure(*text, commitment, trust);
  if (!checked) return std::move(checked).error().within(escaped(options.file));
  return checked;
}

std::string refusal_text(const DisclosureOptions& options,
                         const claims::CheckedDisclosure& disclosure) {
  return cat("refused: ", escaped(options.file),
             " does not open a share of a commitment; no model was read\n",
             reasons_text(disclosure.verification.findings.reasons));
}

std::string refusal_json(const DisclosureOptions& options,
                         const claims::CheckedDisclosure& disclosure) {
  json::Writer out;
  out.begin_object().member("schema", "weightmark/disclosure/v1");
  write_findings(disclosure.verification.findings, out);
  return out.member("disclosure", options.file).end_object().finish();
}

std::string disclosure_words(const claims::CheckedDisclosure& disclosure) {
  const claims::CheckedCommitment& commitment = disclosure.commitment;
  return cat("share ", disclosure.disclosure->share(), " of ", commitment.commitment->mark.shares,
             " of the commitment ", to_hex(commitment.digest), ", disclosed to ",
             escaped(disclosure.disclosure->recipient), " for case ",
             escaped(disclosure.disclosure->case_id),
             commitment.is_signature_checked
                 ? cat("; both signed by ", commitment.commitment->signer)
                 : std::string("; signatures not checked"));
}

void write_disclosure(const claims::CheckedDisclosure& disclosure, json::Writer& out) {
  const claims::CheckedCommitment& commitment = disclosure.commitment;
  out.key("disclosure").begin_object().member("commitment", to_hex(commitment.digest));
  out.member("share", static_cast<uint64_t>(disclosure.disclosure->share()));
  out.member("shares", static_cast<uint64_t>(commitment.commitment->mark.shares));
  out.member("to", disclosure.disclosure->recipient);
  out.member("case", disclosure.disclosure->case_id);
  out.member("alpha", commitment.commitment->alpha).member("lambda", commitment.commitment->lambda);
  out.member("same_rules", commitment.commitment->rules == claims::verdict_rules());
  out.member("signatures_checked", commitment.is_signature_checked);
  out.member("signer", commitment.commitment->signer).end_object();
}

}  // namespace wmk::cli
