// Base64 and base32.
//
// Purpose: the text in key files and fingerprints. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "crypto/secret.h"

namespace wmk::crypto {

std::string to_base64(ByteView bytes);
// Strict: standard alphabet, padding required, no white space.
std::optional<Bytes> from_base64(std::string_view text);
// Accepts the URL-safe alphabet ('-' and '_') as well, but not a mixture of both.
std::optional<Bytes> from_either_base64(std::string_view text);
// The same for secrets, which are never put into a std::string.
SecretBytes secret_to_base64(const SecretBytes& bytes);
std::optional<SecretBytes> secret_from_base64(std::string_view text);
// RFC 4648 alphabet in lower case, without padding.
std::string to_base32(ByteView bytes);

}  // namespace wmk::crypto
