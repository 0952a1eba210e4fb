// Ed25519 keys in the files of minisign (specs/signing.md 10).
//
// Purpose: our own statement may be signed by a key that people already have, short enough to be
// pasted. The algorithm is the key's and nothing else chooses it.
// Lifetime: values; a secret key lies in locked memory. Thread-safety: read from any thread.
#pragma once

#include <array>
#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key_file.h"
#include "crypto/secret.h"

namespace wmk::crypto {

class Ed25519PublicKey {
 public:
  static constexpr size_t kBytes = 2 + 8 + 32;

  // The two lines that `minisign -G` writes, or the second of them alone.
  static Result<Ed25519PublicKey> from_text(std::string_view text);
  static Result<Ed25519PublicKey> read(const std::filesystem::path& path);

  // "Ed", 8 bytes that minisign calls the key's id, 32 of the key.
  ByteView bytes() const { return bytes_; }
  // False also for a signature that is another spelling of the right one.
  bool verifies(ByteView message, ByteView signature) const;

 private:
  friend class Ed25519SecretKey;
  std::array<std::byte, kBytes> bytes_{};
};

class Ed25519SecretKey {
 public:
  // As `minisign -G` writes it; `passphrase` is asked unless the file was made with -W.
  static Result<Ed25519SecretKey> read(const std::filesystem::path& path,
                                       const PassphraseSource& passphrase);

  const Ed25519PublicKey& public_key() const { return public_; }
  bool readable_by_others() const { return readable_by_others_; }
  Bytes sign(ByteView message) const;

 private:
  explicit Ed25519SecretKey(SecretBytes pair) : pair_(std::move(pair)) {}
  static Result<Ed25519SecretKey> open(SecretBytes content, const PassphraseSource& passphrase);

  SecretBytes pair_;  // 32 bytes of the seed, 32 of the public key
  Ed25519PublicKey public_;
  bool readable_by_others_ = false;
};

}  // namespace wmk::crypto
