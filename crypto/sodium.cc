#include "crypto/sodium.h"

#include <sodium.h>

#include <cstdlib>

#include "base/text.h"

namespace wmk::crypto {

void require_sodium() {
  // Fails only if the system has no source of randomness. A key made without randomness would be
  // worse than stopping, and libsodium itself aborts in that case too.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

Error no_memory_for_hash(uint64_t bytes) {
  return Error(ErrorCode::limit_exceeded,
               cat("not enough memory: the passphrase hash needs ", bytes >> 20, " MiB"));
}

}  // namespace wmk::crypto
