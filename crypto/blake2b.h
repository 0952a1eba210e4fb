// Keyed BLAKE2b and the byte streams made of it (specs/mark.md, keys).
//
// Purpose: the only source of keyed randomness. Each stream is named by its purpose, so that two
// uses of a key never share bytes. Thread-safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/memory/wiped.h"
#include "crypto/secret.h"

namespace wmk::crypto {

// BLAKE2b of out.size() bytes, 1 to 64. key.size() is 16 to 64, or 0 for the unkeyed hash.
void blake2b(ByteView key, ByteView data, std::span<std::byte> out);
// BLAKE2b-256(key, data), as a secret.
SecretBytes derive(const SecretBytes& key, std::string_view data);

// BLAKE2b-512(key, purpose || LE64(0)) || BLAKE2b-512(key, purpose || LE64(1)) || ...
WipedBytes keystream(const SecretBytes& key, std::string_view purpose, size_t bytes);

}  // namespace wmk::crypto
