// What every user of libsodium needs: its initialisation, its byte type, its one common error.
//
// Purpose: every function of this module calls require_sodium() before it uses libsodium. Lifetime:
// once per process. Thread-safety: any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace wmk::crypto {

void require_sodium();

// The Error where a passphrase hash fails: its only cause is a lack of memory.
Error no_memory_for_hash(uint64_t bytes);

// Bytes as the type that libsodium takes.
inline unsigned char* octets(std::byte* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
inline const unsigned char* octets(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

}  // namespace wmk::crypto
