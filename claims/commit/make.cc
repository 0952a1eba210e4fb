#include "claims/commit/make.h"

#include "base/text.h"
#include "claims/commit/check.h"
#include "crypto/key_file.h"
#include "sign/seal.h"

namespace wmk::claims {

namespace {

Error wrong(std::string why) { return Error(ErrorCode::invalid_argument, std::move(why)); }

Result<Signed> signed_payload(std::string payload, const Signer& signer) {
  Signed out;
  out.digest = commitment_digest(payload);
  auto bundle = sign::bundle_for(std::move(payload), signer.key, signer.certificates);
  if (!bundle) return std::move(bundle).error();
  out.bundle = *std::move(bundle);
  return out;
}

}  // namespace

Result<Signed> commit(Commitment& commitment, const crypto::SecretBytes& master,
                      const Signer& signer) {
  const sign::PublicKey& key = signer.key.public_key();
  if (key.curve() == "P-521") {
    return Error(ErrorCode::unsupported, "a commitment is signed on P-256 or P-384, not on P-521")
        .with_hint("transparency logs do not accept keys on P-521");
  }
  if (commitment.nonce.empty()) {
    const auto random = crypto::SecretBytes::random(kNonceBytes);
    commitment.nonce.assign(random.reveal().begin(), random.reveal().end());
  }
  commitment.key = crypto::fingerprint(master);
  commitment.signer = key.hint();
  const CommitmentTree tree(master, commitment.nonce, commitment.signer);
  commitment.root = tree.root();
  commitment.path = tree.path(kSignerLeaf);
  return signed_payload(commitment_text(commitment), signer);
}

Result<Signed> disclose(const DisclosureRequest& request, const Signer& signer) {
  const Commitment& commitment = request.commitment;
  sign::Findings findings;
  if (!is_key(commitment, request.master, findings)) return wrong(findings.reasons.front().text);
  if (signer.key.public_key().hint() != commitment.signer) {
    return wrong("the private key is not the one that signed the commitment");
  }
  if (request.share >= commitment.mark.shares) {
    return wrong(cat("share ", request.share, " does not exist: the mark has ",
                     commitment.mark.shares, commitment.mark.shares == 1 ? " share" : " shares"));
  }
  if (request.recipient.empty() || request.case_id.empty()) {
    return wrong("a disclosure names its recipient and its case");
  }
  const Disclosure disclosure{
      request.digest, request.case_id, request.recipient,
      open_share(request.master, commitment.nonce, commitment.signer, request.share)};
  return signed_payload(disclosure_text(disclosure), signer);
}

}  // namespace wmk::claims
