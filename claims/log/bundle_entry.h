// The entry that a log has of a bundle (specs/log.md 2).
//
// Purpose: the body of an entry of Rekor v2, so that our logs, a private Rekor and the public one
// have the same entries. It shows who signed, and nothing of what was signed. Thread-safety: pure
// functions.
#pragma once

#include <optional>
#include <string>

#include "crypto/merkle.h"
#include "sign/bundle/bundle.h"
#include "sign/keys/key.h"
#include "sign/reason.h"

namespace wmk::claims {

// `key`: the signer's, for a bundle without a certificate; may be null otherwise. If the bundle was
// not signed by it, or by its certificate's key: nullopt, with the reason.
std::optional<std::string> bundle_entry(const sign::Bundle& bundle, const sign::PublicKey* key,
                                        sign::Findings& findings);
// The leaf hash of that entry; nullopt: no log accepts it.
std::optional<crypto::TreeHash> bundle_leaf(const sign::Bundle& bundle, const sign::PublicKey* key);

}  // namespace wmk::claims
