// Passphrases for tests. Thread-safety: pure functions.
#pragma once

#include "crypto/key_file.h"

namespace wmk::test {

inline crypto::SecretBytes passphrase_of(std::string_view text) {
  Bytes bytes(as_bytes(text).begin(), as_bytes(text).end());
  return crypto::SecretBytes::take(bytes);
}

// A source that always answers with `text`.
inline crypto::PassphraseSource answer(std::string text) {
  return [text] { return Result<crypto::SecretBytes>(passphrase_of(text)); };
}

}  // namespace wmk::test
