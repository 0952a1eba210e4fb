// Passphrases of tests.
#pragma once

#include "crypto/key_file.h"

namespace wmk::test {

inline crypto::SecretBytes words(std::string_view text) {
  Bytes bytes(as_bytes(text).begin(), as_bytes(text).end());
  return crypto::SecretBytes::take(bytes);
}

// Answers every question for a passphrase with `text`.
inline crypto::PassphraseSource saying(std::string text) {
  return [text] { return Result<crypto::SecretBytes>(words(text)); };
}

}  // namespace wmk::test
