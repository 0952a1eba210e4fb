// Keys of the mark, all derived from one master key (specs/mark.md 2).
//
// Lifetime: a secret owns its memory. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/memory/wiped.h"
#include "crypto/secret.h"

namespace wmk::embed {

inline constexpr unsigned kSharesMax = 4;
inline constexpr size_t kCodeBits = 4096;

crypto::SecretBytes share_key(const crypto::SecretBytes& master, unsigned share);
// A share that was disclosed: its key without the master key.
struct DisclosedShare {
  unsigned share = 0;
  crypto::SecretBytes key;
  double strength = 0;  // eps of the whole mark
  unsigned shares = 1;  // of the whole mark
};
crypto::SecretBytes trace_key(const crypto::SecretBytes& master);
// Key of the frame in which the trace reads its tags.
crypto::SecretBytes tag_frame_key(const crypto::SecretBytes& trace);
// Key of the random bits that round a licensee's pass: never those of the owner's pass, which are
// the first share's.
crypto::SecretBytes licensee_rounding_key(const crypto::SecretBytes& trace,
                                          std::string_view licensee);
// The licensee's code: kCodeBits signs, each +1 or -1.
WipedVector<int8_t> licensee_code(const crypto::SecretBytes& trace, std::string_view licensee);

// The first `count` bits of a stream, least significant bit first: +1 for a set bit, else -1.
WipedVector<int8_t> stream_signs(const crypto::SecretBytes& key, std::string_view purpose,
                                 size_t count);

}  // namespace wmk::embed
