// Keys of the mark: one master key, and everything derived from it (specs/mark.md 2).
//
// Lifetime: secrets own their memory. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "crypto/secret.h"

namespace wmk::embed {

inline constexpr unsigned kSharesMax = 4;
inline constexpr size_t kCodeBits = 4096;

crypto::SecretBytes share_key(const crypto::SecretBytes& master, unsigned share);
crypto::SecretBytes trace_key(const crypto::SecretBytes& master);
// Key of the frame that a trace structure reads its tags in.
crypto::SecretBytes tag_frame_key(const crypto::SecretBytes& trace);
// The licensee's kCodeBits signs, each +1 or -1.
std::vector<int8_t> licensee_code(const crypto::SecretBytes& trace, std::string_view licensee);

// The first `count` bits of a stream, least significant first, as +1 (bit set) and -1.
std::vector<int8_t> stream_signs(const crypto::SecretBytes& key, std::string_view purpose,
                                 size_t count);

}  // namespace wmk::embed
