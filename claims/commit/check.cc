#include "claims/commit/check.h"

#include <algorithm>

#include "base/text.h"
#include "claims/commit/claims_file.h"
#include "sign/authentic.h"
#include "sign/bundle/bundle.h"

namespace wmk::claims {

namespace {

using sign::Code;

constexpr std::string_view kNotChecked = "the signature was not checked: no trusted key was named";

// The key that the bundle itself names; empty if it names none.
std::string named_hint(const sign::Bundle& bundle) {
  if (bundle.material == sign::Bundle::Material::public_key) return bundle.hint;
  const auto key = sign::certified_key(bundle.certificates.front(), "the certificate");
  return key ? key->hint() : std::string();
}

// Whether the bundle's signature is good; fills in the key. Without trust only the name is read.
bool is_trusted(const sign::Bundle& bundle, const Trust& trust, sign::Verification& verification) {
  if (trust.key != nullptr || trust.anchors != nullptr) {
    verification.authentic = sign::is_authentic(bundle, trust, verification);
    return verification.authentic;
  }
  verification.key_hint = named_hint(bundle);
  verification.findings.notes.emplace_back(kNotChecked);
  return true;
}

void read_commitment(const sign::Bundle& bundle, CheckedCommitment& out) {
  out.commitment = parse_commitment(bundle.payload, out.findings());
  if (!out.commitment) return;
  out.digest = commitment_digest(bundle.payload);
  const Commitment& it = *out.commitment;
  if (it.signer != out.verification.key_hint) {
    out.findings().no(Code::commitment_signer, cat("it names the signer ", it.signer.substr(0, 16),
                                                   "..., but was signed by ",
                                                   out.verification.key_hint.substr(0, 16), "..."));
  }
  if (!has_signer(it.signer, it.nonce, it.path, it.root)) {
    out.findings().no(Code::commitment_tree,
                      "the root is not that of a tree of this signer: it was copied or damaged");
  }
}

CheckedCommitment check_bundle(const sign::Bundle& bundle, const Trust& trust) {
  CheckedCommitment out;
  out.is_signature_checked = trust.key != nullptr || trust.anchors != nullptr;
  if (is_trusted(bundle, trust, out.verification)) read_commitment(bundle, out);
  return out;
}

// Timestamps are required of commitments only.
Trust without_times(const Trust& trust) {
  Trust out = trust;
  out.timestamps_required = 0;
  return out;
}

}  // namespace

Result<CheckedCommitment> check_commitment(std::string text, const Trust& trust) {
  CheckedCommitment out;
  auto bundle = sign::parse_bundle(std::move(text), out.findings());
  if (!bundle) return std::move(bundle).error();
  if (!*bundle) return out;
  return check_bundle(**bundle, trust);
}

Result<CheckedDisclosure> check_disclosure(std::string_view text, const std::string& commitment,
                                           const Trust& trust) {
  CheckedDisclosure out;
  auto bundles = read_claims(text, out.verification.findings);
  if (!bundles) return std::move(bundles).error();
  if (!*bundles) return out;
  const auto disclosures = of_type(**bundles, kDisclosureType);
  const auto commitments = of_type(**bundles, kCommitmentType);
  if (disclosures.size() != 1 || commitments.size() > 1) {
    return malformed(cat("the file must have one disclosure and at most one commitment; it has ",
                         disclosures.size(), " and ", commitments.size()));
  }
  if (commitment.empty() && commitments.empty()) {
    return malformed("the file has no commitment").with_hint("name it with --commitment");
  }
  if (commitment.empty()) {
    out.commitment = check_bundle(*commitments.front(), trust);
  } else {
    auto checked = check_commitment(commitment, trust);
    if (!checked) return std::move(checked).error().within("commitment");
    out.commitment = *std::move(checked);
  }
  sign::Findings& findings = out.verification.findings;
  for (const sign::Reason& reason : out.commitment.verification.findings.reasons) {
    findings.no(reason.code, cat("the commitment: ", reason.text));
  }
  if (!findings.good()) return out;
  const sign::Bundle& bundle = *disclosures.front();
  if (!is_trusted(bundle, without_times(trust), out.verification)) return out;
  out.disclosure = parse_disclosure(bundle.payload, findings);
  if (!out.disclosure) return out;
  if (out.verification.key_hint != out.commitment.commitment->signer) {
    findings.no(Code::disclosure_signer, "it was signed by another key than the commitment");
  }
  (void)opens(*out.disclosure, *out.commitment.commitment, out.commitment.digest, findings);
  return out;
}

bool is_base(const CheckedCommitment& checked, ByteView base, sign::Findings& findings) {
  if (std::ranges::equal(checked.commitment->base, base)) return true;
  return findings.no(Code::commitment_base,
                     cat("the model has the root ", to_hex(base), ", but ",
                         to_hex(checked.commitment->base), " was committed"));
}

bool is_key(const Commitment& commitment, const crypto::SecretBytes& master,
            sign::Findings& findings) {
  const CommitmentTree tree(master, commitment.nonce, commitment.signer);
  return tree.root() == commitment.root ||
         findings.no(Code::commitment_key, "the secrets of another key were committed");
}

bool follows(const Commitment& commitment, const CheckedCommitment& before,
             sign::Findings& findings) {
  if (!before.commitment) return findings.no(Code::commitment_previous, "it cannot be read");
  if (before.commitment->signer != commitment.signer) {
    return findings.no(Code::commitment_previous, "the previous commitment is of another signer");
  }
  return commitment.previous == before.digest ||
         findings.no(Code::commitment_previous, commitment.previous
                                                    ? "it names another previous commitment"
                                                    : "it names no previous commitment");
}

}  // namespace wmk::claims
