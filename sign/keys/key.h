// Signing keys: ECDSA on P-256, P-384 and P-521, by OpenSSL.
//
// Purpose: the curve alone decides the digest (SHA-256, SHA-384, SHA-512); no other key is let in,
// so nothing in a bundle can choose a weaker check. Secret keys are read into locked memory; where
// OpenSSL keeps its own copy, it is in OpenSSL's secure heap.
// Lifetime: keys own their OpenSSL object. Thread-safety: one caller an object.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key_file.h"

struct evp_pkey_st;

namespace wmk::sign {

struct TokenUri;

struct FreeKey {
  void operator()(evp_pkey_st* key) const;
};
using KeyPointer = std::unique_ptr<evp_pkey_st, FreeKey>;

// What version 0.2 of the reference did: SHA-256, whatever the curve.
enum class Digest { of_curve, sha256 };

class PublicKey {
 public:
  // Text before the first line of PEM is passed over. A key of another kind is an Error
  // (unsupported), `name` is how errors call it.
  static Result<PublicKey> from_pem(std::string_view pem, std::string_view name);
  static Result<PublicKey> read(const std::filesystem::path& path);
  // Takes over a reference; the key must be an elliptic one of the three curves.
  static Result<PublicKey> take(KeyPointer key, std::string_view name);

  // "P-384".
  std::string_view curve() const { return curve_; }
  // Lower-case hexadecimal SHA-256 of the key as PEM: how bundles refer to it.
  const std::string& hint() const { return hint_; }
  bool equals(const PublicKey& other) const;
  // `signature` in DER; any other spelling of the same numbers does not verify.
  bool verifies(ByteView message, ByteView signature, Digest digest = Digest::of_curve) const;

 private:
  PublicKey(KeyPointer key, std::string_view curve, std::string hint)
      : key_(std::move(key)), curve_(curve), hint_(std::move(hint)) {}
  KeyPointer key_;
  std::string_view curve_;
  std::string hint_;  // OpenSSL takes its time to write a PEM
};

class PrivateKey {
 public:
  // `passphrase` is asked where the PEM is encrypted.
  static Result<PrivateKey> read(const std::filesystem::path& path,
                                 const crypto::PassphraseSource& passphrase);
  // The key stays where it is (sign/keys/token.h); `pin` is asked if the token wants one.
  static Result<PrivateKey> on_token(const TokenUri& uri, const crypto::PassphraseSource& pin);

  const PublicKey& public_key() const { return public_; }
  bool readable_by_others() const { return readable_by_others_; }
  Result<Bytes> sign(ByteView message) const;

 private:
  PrivateKey(KeyPointer key, PublicKey shared) : key_(std::move(key)), public_(std::move(shared)) {}
  std::shared_ptr<void> home_;  // of a key on a token: outlives it
  KeyPointer key_;
  PublicKey public_;
  bool readable_by_others_ = false;
};

}  // namespace wmk::sign
