// Keyed BLAKE2b and the byte streams made of it (specs/mark.md, keys).
//
// Purpose: the only source of keyed randomness. A stream is asked for by purpose, so that two uses
// of a key never share bytes. Thread-safety: Keystream needs one caller; functions are pure.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace wmk::crypto {

// out.size() in 1..64; key.size() in 16..64, or 0: not keyed.
void blake2b(ByteView key, ByteView data, std::span<std::byte> out);
// BLAKE2b-256(key, data) as a secret of its own.
SecretBytes derive(const SecretBytes& key, std::string_view data);

// BLAKE2b-512(key, purpose || LE64(0)) || BLAKE2b-512(key, purpose || LE64(1)) || ...
Bytes keystream(const SecretBytes& key, std::string_view purpose, size_t bytes);

}  // namespace wmk::crypto
