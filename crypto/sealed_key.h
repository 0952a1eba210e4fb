// A key under a passphrase: the sealed form of specs/key-file.md.
//
//   "wmkseal1" || LE64 opslimit || LE64 memlimit || salt 16 || nonce 24 || secretbox of the key
//
// Argon2id (version 1.3) turns the passphrase into the key of an XSalsa20-Poly1305 box. Nothing in
// front of the box needs a check of its own: a changed byte there gives another box key.
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
// The file names its own cost, so a hostile one could eat all memory or run for days.
inline constexpr SealCost kSealCostMin = {1, 8192};
inline constexpr SealCost kSealCostMax = {20, 1ull << 30};

inline constexpr size_t kSealedBytes = 8 + 8 + 8 + 16 + 24 + 16 + 32;

// Bytes that begin as a sealed key of any form does.
bool looks_sealed(ByteView bytes);
// `key` has 32 bytes.
Result<Bytes> seal_key(const SecretBytes& key, const SecretBytes& passphrase, SealCost cost);
// A wrong passphrase is an Error (crypto); what checked_seal refuses is refused here too.
Result<SecretBytes> open_sealed_key(ByteView sealed, const SecretBytes& passphrase);
// Form, length and cost of the seal: what can be refused before anyone is asked for a passphrase.
Status checked_seal(ByteView sealed);

}  // namespace wmk::crypto
