// The one place that starts libsodium.
//
// Purpose: every function of this room that calls libsodium asks for it first. Lifetime: once a
// process. Thread-safety: any thread.
#pragma once

#include <cstddef>

namespace wmk::crypto {

void require_sodium();

// Bytes as libsodium spells them.
inline unsigned char* octets(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
inline const unsigned char* octets(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace wmk::crypto
