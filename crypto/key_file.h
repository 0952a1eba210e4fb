// The secret key file (specs/key-file.md).
//
//   weightmark secret key, version 1
//   <base64 of the 32 key bytes, or of their sealed form>
//
// The sealed form is encrypted with a passphrase (Argon2id, then XSalsa20-Poly1305).
// Lifetime: values. Thread-safety: any thread.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/secret.h"

namespace wmk::crypto {

inline constexpr size_t kKeyBytes = 32;

// Returns the passphrase; called only if the file turns out to be sealed.
using PassphraseSource = std::function<Result<SecretBytes>()>;

struct LoadedKey {
  SecretBytes key;
  bool sealed = false;
  bool readable_by_others = false;  // the caller should warn
};

Result<LoadedKey> read_key_file(const std::filesystem::path& path,
                                const PassphraseSource& passphrase);
// Creates the file with mode 0600; an existing file is an Error. A null `passphrase`: not sealed.
Status write_key_file(const std::filesystem::path& path, const SecretBytes& key,
                      const SecretBytes* passphrase);

// Public name of a key: "wm1" and 32 characters. It reveals nothing about the key.
std::string fingerprint(const SecretBytes& key);
// Whether the text has that form.
bool is_fingerprint(std::string_view text);

}  // namespace wmk::crypto
