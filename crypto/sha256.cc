#include "crypto/sha256.h"

#include <sodium.h>

#include "crypto/sodium.h"

namespace wmk::crypto {

Sha256 sha256(ByteView data) {
  require_sodium();
  Sha256 out;
  crypto_hash_sha256(octets(out.data()), octets(data.data()), data.size());
  return out;
}

}  // namespace wmk::crypto
