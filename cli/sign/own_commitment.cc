#include "cli/sign/own_commitment.h"

#include "base/file.h"
#include "base/text.h"
#include "sign/bundle/bundle.h"

namespace wmk::cli {

Result<claims::CheckedCommitment> own_commitment(const std::string& path,
                                                 const sign::PublicKey& signer) {
  auto text = read_text(path, sign::kBundleBytesMax);
  if (!text) return std::move(text).error();
  claims::Trust trust;
  trust.key = &signer;
  auto checked = claims::check_commitment(*text, trust);
  // With certificates, the key alone cannot check it; the signer is compared below.
  if (checked && !checked->good() &&
      checked->findings().reasons.front().code == sign::Code::verification_material) {
    checked = claims::check_commitment(*std::move(text), {});
  }
  if (!checked) return std::move(checked).error().within(escaped(path));
  if (!checked->good()) {
    const sign::Reason& reason = checked->verification.findings.reasons.front();
    return malformed(cat(escaped(path), ": not a valid commitment: ", reason.text));
  }
  if (checked->commitment->signer != signer.hint()) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(path), ": the commitment was signed by another key, ",
                     checked->commitment->signer));
  }
  return checked;
}

Status add_commitment(const sign::PublicKey& signer, sign::ReleaseInfo& words) {
  if (words.commitment.find_first_not_of(kHexDigits) == std::string::npos) return {};
  const auto checked = own_commitment(words.commitment, signer);
  if (!checked) return Error(checked.error()).within("--commitment");
  const claims::CommittedMark& mark = checked->commitment->mark;
  sign::ReleasedMark out{mark.scheme, mark.strength, mark.shares, {}, checked->commitment->base};
  for (const embed::Site site : embed::kSites) {
    if (mark.sites[site]) out.sites.emplace_back(to_string(site));
  }
  words.commitment = to_hex(checked->digest);
  words.mark = std::move(out);
  return {};
}

}  // namespace wmk::cli
