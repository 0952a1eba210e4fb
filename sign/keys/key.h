// Signing keys: ECDSA on P-256, P-384 and P-521, by OpenSSL.
//
// Purpose: the curve alone decides the digest (SHA-256, SHA-384, SHA-512), and no other keys are
// accepted, so that a bundle cannot choose a weaker algorithm. Secret keys are read into locked
// memory; OpenSSL keeps its own copy in its secure heap. While a PrivateKey exists, the process
// writes no core dump.
// Lifetime: keys own their OpenSSL object. Thread-safety: one caller per object.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key_file.h"
#include "crypto/no_core_dump.h"

struct evp_pkey_st;

namespace wmk::sign {

struct TokenUri;

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyPointer = std::unique_ptr<evp_pkey_st, FreeKey>;

// sha256: version 0.2 of the reference implementation used SHA-256 with every curve.
enum class SignatureDigest { of_curve, sha256 };

class PublicKey {
 public:
  // Text before the PEM block is skipped. Errors use `name`; a key of another kind is
  // `unsupported`.
  static Result<PublicKey> from_pem(std::string_view pem, std::string_view name);
  static Result<PublicKey> read(const std::filesystem::path& path);
  // Takes ownership of `key`, which must be on one of the three curves.
  static Result<PublicKey> take(KeyPointer key, std::string_view name);

  // "P-384".
  std::string_view curve() const { return curve_; }
  // Lower-case hexadecimal SHA-256 of the key as PEM: bundles refer to the key by it.
  const std::string& hint() const { return hint_; }
  bool equals(const PublicKey& other) const;
  // `signature` is strict DER; any other encoding of the same numbers does not verify.
  bool verifies(ByteView message, ByteView signature,
                SignatureDigest digest = SignatureDigest::of_curve) const;
  // For a message of which only the SHA-256 is known; false for curves with another digest.
  bool verifies_sha256(ByteView digest, ByteView signature) const {
    return curve_ == "P-256" && verifies_digest(digest, signature);
  }
  // The same with the digest of the curve.
  bool verifies_digest(ByteView digest, ByteView signature) const;
  // SubjectPublicKeyInfo.
  Bytes der() const;

 private:
  PublicKey(KeyPointer key, std::string_view curve, std::string hint)
      : key_(std::move(key)), curve_(curve), hint_(std::move(hint)) {}
  KeyPointer key_;
  std::string_view curve_;
  std::string hint_;  // kept, because OpenSSL is slow to write a PEM
};

class PrivateKey {
 public:
  // `passphrase` is called if the PEM is encrypted.
  static Result<PrivateKey> read(const std::filesystem::path& path,
                                 const crypto::PassphraseSource& passphrase);
  // The key stays on the token (sign/keys/token.h); `pin` is called if the token requires one.
  static Result<PrivateKey> on_token(const TokenUri& uri, const crypto::PassphraseSource& pin);

  const PublicKey& public_key() const { return public_; }
  bool readable_by_others() const { return readable_by_others_; }
  Result<Bytes> sign(ByteView message) const;

 private:
  PrivateKey(KeyPointer key, PublicKey shared) : key_(std::move(key)), public_(std::move(shared)) {}
  crypto::NoCoreDump no_core_dump_;
  std::shared_ptr<void> library_;  // of a token; must outlive the key
  KeyPointer key_;
  PublicKey public_;
  bool readable_by_others_ = false;
};

}  // namespace wmk::sign
