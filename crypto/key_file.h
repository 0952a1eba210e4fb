// The secret key file (specs/key-file.md).
//
//   weightmark secret key, version 1
//   <base64 of the 32 key bytes, or of their sealed form>
//
// The sealed form is made with a passphrase (Argon2id, then XSalsa20-Poly1305).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace wmk::crypto {

inline constexpr size_t kKeyBytes = 32;

// Asked only when the file turns out to be sealed.
using PassphraseSource = std::function<Result<SecretBytes>()>;

struct LoadedKey {
  SecretBytes key;
  bool sealed = false;
  bool readable_by_others = false;  // worth a warning
};

Result<LoadedKey> read_key_file(const std::filesystem::path& path,
                                const PassphraseSource& passphrase);
// Mode 0600; an existing file is an Error. `passphrase` null: not sealed.
Status write_key_file(const std::filesystem::path& path, const SecretBytes& key,
                      const SecretBytes* passphrase);

// Public name of a key: "wm1" and 32 characters. Reveals nothing about the key.
std::string fingerprint(const SecretBytes& key);

}  // namespace wmk::crypto
