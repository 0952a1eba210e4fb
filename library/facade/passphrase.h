// Passphrases that a caller of the facade gives beforehand.
//
// Thread-safety: pure functions.
#pragma once

#include <string>

#include "crypto/key_file.h"

namespace wmk::library {

crypto::SecretBytes secret_copy(const std::string& text);
// Gives `passphrase`, which must outlive it; an Error (invalid_argument) if that is empty.
crypto::PassphraseSource passphrase_source(const std::string& passphrase);

}  // namespace wmk::library
