// Ed25519 keys in the files of minisign (specs/signing.md 10).
//
// Purpose: a release statement can be signed with a minisign key that the user already has. The key
// alone determines the algorithm. Lifetime: values; secret keys are kept in locked memory.
// Thread-safety: reading from any thread is safe.
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

  // The two lines that `minisign -G` writes, or only the second one.
  static Result<Ed25519PublicKey> from_text(std::string_view text);
  static Result<Ed25519PublicKey> read(const std::filesystem::path& path);

  // "Ed", 8 bytes of key id, 32 bytes of key.
  ByteView bytes() const { return bytes_; }
  // Also false for a non-canonical encoding of a valid signature.
  bool verifies(ByteView message, ByteView signature) const;

 private:
  friend class Ed25519SecretKey;
  std::array<std::byte, kBytes> bytes_{};
};

class Ed25519SecretKey {
 public:
  // A file written by `minisign -G`. `passphrase` is called unless the file was made with -W.
  static Result<Ed25519SecretKey> read(const std::filesystem::path& path,
                                       const PassphraseSource& passphrase);

  const Ed25519PublicKey& public_key() const { return public_; }
  bool readable_by_others() const { return readable_by_others_; }
  Bytes sign(ByteView message) const;

 private:
  explicit Ed25519SecretKey(SecretBytes pair) : pair_(std::move(pair)) {}
  static Result<Ed25519SecretKey> open(SecretBytes content, const PassphraseSource& passphrase);

  SecretBytes pair_;  // 32 bytes of seed, 32 bytes of public key
  Ed25519PublicKey public_;
  bool readable_by_others_ = false;
};

}  // namespace wmk::crypto
