// The one place that initialises libsodium.
//
// Purpose: every function of this module calls require_sodium() before it uses libsodium. Lifetime:
// once per process. Thread-safety: any thread.
#pragma once

#include <cstddef>

namespace wmk::crypto {

void require_sodium();

// Bytes as the type that libsodium takes.
inline unsigned char* octets(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
inline const unsigned char* octets(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace wmk::crypto
