#include "crypto/sodium.h"

#include <sodium.h>

#include <cstdlib>

namespace wmk::crypto {

void require_sodium() {
  // Fails only where the system has no source of randomness. Nothing may go on from there:
  // libsodium itself aborts in that case too, and a key made without randomness would be worse.
  static const bool ready = sodium_init() >= 0;
  if (!ready) std::abort();
}

}  // namespace wmk::crypto
