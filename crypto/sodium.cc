#include "crypto/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace wmk::crypto {

void require_sodium() {
  // Fails only if the system has no source of randomness. A key made without randomness would be
  // worse than stopping, and libsodium itself aborts in that case too.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

}  // namespace wmk::crypto
