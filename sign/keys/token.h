// Keys that stay on a token (PKCS#11): names of them, and the two ways that OpenSSL has to reach
// one.
//
// Purpose: PrivateKey::on_token() asks the provider that openssl.cnf configures and, where there is
// none, the engine `pkcs11`. The key never leaves the token; its public half is copied out.
// Lifetime: a TokenKey keeps the library of the token open for as long as its key lives.
// Thread-safety: one caller at a time, as with OpenSSL's engines.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sign/keys/key.h"

namespace wmk::sign {

// An RFC 7512 URI, taken apart at its '?'.
struct TokenUri {
  static bool is_one(std::string_view text) { return text.starts_with("pkcs11:"); }
  // A PIN in the URI is refused: a command line can be read by others.
  static Result<TokenUri> parse(std::string_view text);

  std::string object;       // what names the key: the URI up to the '?'
  std::string pin_source;   // file with the PIN, or empty
  std::string module_path;  // library of the token, or empty: as configured
};

struct TokenKey {
  std::shared_ptr<void> home;
  KeyPointer key;
};

// Nothing where OpenSSL has no such provider, or no such engine.
Result<std::optional<TokenKey>> key_by_provider(const TokenUri& uri,
                                                const crypto::PassphraseSource& pin);
Result<std::optional<TokenKey>> key_by_engine(const TokenUri& uri,
                                              const crypto::PassphraseSource& pin);

}  // namespace wmk::sign
