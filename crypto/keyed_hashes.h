// Keyed BLAKE2b of many short messages under one key, several of them at a time.
//
// Purpose: the same hashes as blake2b() (crypto/blake2b.h) gives one by one. The block of the key
// is compressed once, and four messages are compressed side by side in vector registers: a
// vocabulary takes a few milliseconds. Lifetime: owns what it derived from the key, and wipes it.
// Thread-safety: hash() may run concurrently.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace wmk::crypto {

class KeyedHashes {
 public:
  // Hashes of `bytes` bytes (1 to 64) of prefix || message. The key must outlive the object.
  KeyedHashes(const SecretBytes& key, std::string_view prefix, size_t bytes);
  ~KeyedHashes();
  KeyedHashes(const KeyedHashes&) = delete;
  KeyedHashes& operator=(const KeyedHashes&) = delete;

  size_t bytes() const { return bytes_; }
  // One hash after the other: out.size() == messages.size() * bytes().
  void hash(std::span<const std::string> messages, std::span<std::byte> out) const;

 private:
  const SecretBytes& key_;
  std::string prefix_;
  size_t bytes_;
  std::array<uint64_t, 8> after_key_;  // state after the block of the key
};

}  // namespace wmk::crypto
