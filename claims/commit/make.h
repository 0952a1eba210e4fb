// Makes commitments and disclosures: bundles of the owner.
//
// Lifetime: a request refers to objects that its caller owns. Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "claims/commit/commitment.h"
#include "claims/commit/disclosure.h"
#include "sign/keys/key.h"

namespace wmk::claims {

struct Signer {
  const sign::PrivateKey& key;
  std::vector<Bytes> certificates = {};  // DER, leaf first; empty: the bundle names the key
};

struct Signed {
  std::string bundle;  // on one line
  Bytes digest;        // of the payload
};

// Fills in the nonce (if it is empty), the key's name, the signer and the tree of `commitment`.
// Error (unsupported): a key on P-521, which logs do not accept.
Result<Signed> commit(Commitment& commitment, const crypto::SecretBytes& master,
                      const Signer& signer);

struct DisclosureRequest {
  const Commitment& commitment;
  Bytes digest;  // of the commitment
  const crypto::SecretBytes& master;
  unsigned share;
  std::string recipient, case_id;
};
// Errors (invalid_argument): another master key or signer than those of the commitment; a share
// that the mark does not have; an empty case or recipient.
Result<Signed> disclose(const DisclosureRequest& request, const Signer& signer);

}  // namespace wmk::claims
