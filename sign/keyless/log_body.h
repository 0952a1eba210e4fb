// Bodies of entries of Rekor v2: what a log stores of a signature, and the leaf of its tree.
//
// Purpose: compact JSON with sorted keys, the same bytes for everyone: `hashedrekord` 0.0.2 has the
// digest of what was signed, the signature and the certificate or key, and nothing of the content.
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "base/bytes.h"
#include "sign/keys/key.h"

namespace wmk::sign {

// The digest of `message` that a signature with this key is over: SHA-256 for P-256 and so on.
Bytes digest_for_key(const PublicKey& key, ByteView message);

struct LoggedSignature {
  const PublicKey& key;
  ByteView certificate;  // DER; empty: the key itself is logged
  ByteView digest;       // as digest_for_key() gives
  ByteView signature;
};
std::string hashedrekord_body(const LoggedSignature& logged);

}  // namespace wmk::sign
