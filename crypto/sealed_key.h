// A key encrypted with a passphrase: the sealed form of specs/key-file.md.
//
//   "wmkseal1" || LE64 opslimit || LE64 memlimit || salt 16 || nonce 24 || secretbox of the key
//
// Argon2id (version 1.3) turns the passphrase into the key of an XSalsa20-Poly1305 box. The fields
// before the box need no check of their own: a changed byte there leads to a different box key.
// Thread-safety: pure functions.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace wmk::crypto {

struct SealCost {
  uint64_t opslimit;  // passes over the memory
  uint64_t memlimit;  // bytes
};

// libsodium's MODERATE: about a second and 256 MiB.
inline constexpr SealCost kSealCostDefault = {3, 256ull << 20};
// The file states its own cost, so without limits a hostile file could exhaust memory or time.
inline constexpr SealCost kSealCostMin = {1, 8192};
inline constexpr SealCost kSealCostMax = {20, 1ull << 30};

inline constexpr size_t kSealedBytes = 8 + 8 + 8 + 16 + 24 + 16 + 32;

// Whether the bytes begin like a sealed key of any version.
bool looks_sealed(ByteView bytes);
// `key` must have 32 bytes.
Result<Bytes> seal_key(const SecretBytes& key, const SecretBytes& passphrase, SealCost cost);
// A wrong passphrase is an Error (crypto). Includes the checks of checked_seal.
Result<SecretBytes> open_sealed_key(ByteView sealed, const SecretBytes& passphrase);
// Checks version, length and cost: everything that needs no passphrase.
Status checked_seal(ByteView sealed);

}  // namespace wmk::crypto
