// Ed25519 under our own statement (specs/signing.md 10); no OMS bundle is ever signed by it.
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
// A payload under a signature, in a bundle that names the key.
std::string statement_bundle(std::string payload, const crypto::Ed25519SecretKey& key);
// The bundle names this key, and it signed.
bool is_signed_by(const Bundle& bundle, const crypto::Ed25519PublicKey& key, Findings& findings);

}  // namespace wmk::sign
