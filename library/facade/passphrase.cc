#include "library/facade/passphrase.h"

#include "base/bytes.h"

namespace wmk::library {

crypto::SecretBytes secret_copy(const std::string& text) {
  std::string copy = text;
  return crypto::SecretBytes::take(std::as_writable_bytes(std::span(copy)));
}

crypto::PassphraseSource passphrase_source(const std::string& passphrase) {
  return [&passphrase]() -> Result<crypto::SecretBytes> {
    if (!passphrase.empty()) return secret_copy(passphrase);
    return Error(ErrorCode::invalid_argument, "the key is sealed: give its passphrase");
  };
}

}  // namespace wmk::library
