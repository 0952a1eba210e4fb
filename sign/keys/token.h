// Keys that stay on a token (PKCS#11): their URIs, and OpenSSL's two ways to use them.
//
// Purpose: PrivateKey::on_token() uses the provider that openssl.cnf configures or, without one,
// the engine `pkcs11`. The private key never leaves the token; the public key is copied out.
// Lifetime: a TokenKey keeps the token's library open as long as its key exists.
// Thread-safety: one caller at a time, because of OpenSSL's engines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sign/keys/key.h"

namespace wmk::sign {

// The parts of an RFC 7512 URI.
struct TokenUri {
  static bool matches(std::string_view text) { return text.starts_with("pkcs11:"); }
  // A URI with a PIN is an Error: other users can read a command line.
  static Result<TokenUri> parse(std::string_view text);

  std::string object;       // names the key: the URI up to the '?'
  std::string pin_source;   // file with the PIN, or empty
  std::string module_path;  // library of the token, or empty: as configured
};

struct TokenKey {
  std::shared_ptr<void> library;  // null: OpenSSL keeps it
  KeyPointer key;
};

// nullopt if OpenSSL has no such provider or engine.
Result<std::optional<TokenKey>> key_by_provider(const TokenUri& uri,
                                                const crypto::PassphraseSource& pin);
Result<std::optional<TokenKey>> key_by_engine(const TokenUri& uri,
                                              const crypto::PassphraseSource& pin);

}  // namespace wmk::sign
