// Ed25519 signatures of release statements (specs/signing.md 10); never used for OMS bundles.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "crypto/minisign.h"
#include "sign/bundle/bundle.h"
#include "sign/reason.h"

namespace wmk::sign {

// Lower-case hexadecimal SHA-256 of the 42 bytes of the public key.
std::string statement_hint(const crypto::Ed25519PublicKey& key);
// Signs the payload; the bundle names the key.
std::string statement_bundle(std::string payload, const crypto::Ed25519SecretKey& key);
// Whether the bundle names this key and was signed by it.
bool is_signed_by(const Bundle& bundle, const crypto::Ed25519PublicKey& key, Findings& findings);

}  // namespace wmk::sign
