// Public keys of transparency logs: ECDSA, Ed25519 and RSA, by OpenSSL.
//
// Purpose: the kind of key alone decides how it signs: ECDSA with the digest of its curve, pure
// Ed25519, RSA (PKCS #1 v1.5) with SHA-256.
// Lifetime: copies share one OpenSSL object. Thread-safety: one caller per object.
#pragma once

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "sign/keys/key.h"

namespace wmk::sign {

class LogKey {
 public:
  // From DER SubjectPublicKeyInfo; nullopt for any other bytes and other kinds of keys.
  static std::optional<LogKey> from_der(ByteView der);

  bool verifies(ByteView message, ByteView signature) const;
  // SHA-256 of the DER, which identifies most logs.
  const Bytes& key_id() const { return key_id_; }
  // What identifies a signer of notes named `name`: the key's SHA-256 or, for Ed25519, that of
  // C2SP's signed-note, which includes the name. The first four bytes are in each signature.
  Bytes note_id(std::string_view name) const;

 private:
  LogKey() = default;
  std::shared_ptr<evp_pkey_st> key_;
  Bytes key_id_;
  Bytes ed25519_;  // the 32 bytes; empty for other kinds
};

}  // namespace wmk::sign
