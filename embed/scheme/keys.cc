#include "embed/scheme/keys.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "crypto/blake2b.h"

namespace wmk::embed {

namespace {

// The signs that the bits of a byte give, the lowest bit first: 1 is +1 and 0 is -1.
using ByteSigns = std::array<int8_t, 8>;
constexpr std::array<ByteSigns, 256> signs_of_bytes() {
  std::array<ByteSigns, 256> out{};
  for (size_t byte = 0; byte < out.size(); ++byte) {
    for (size_t bit = 0; bit < 8; ++bit) out[byte][bit] = (byte >> bit & 1) != 0 ? 1 : -1;
  }
  return out;
}
constexpr std::array<ByteSigns, 256> kSignsOfByte = signs_of_bytes();

crypto::SecretBytes subkey(const crypto::SecretBytes& master, std::string_view label) {
  return crypto::derive(master, cat("weightmark/ctss-v1/", label));
}

}  // namespace

crypto::SecretBytes share_key(const crypto::SecretBytes& master, unsigned share) {
  return subkey(master, cat("share/", share));
}

crypto::SecretBytes trace_key(const crypto::SecretBytes& master) { return subkey(master, "trace"); }

crypto::SecretBytes tag_frame_key(const crypto::SecretBytes& trace) {
  return crypto::derive(trace, "tags");
}

crypto::SecretBytes licensee_rounding_key(const crypto::SecretBytes& trace,
                                          std::string_view licensee) {
  return crypto::derive(trace, cat("rounding/", licensee));
}

WipedVector<int8_t> licensee_code(const crypto::SecretBytes& trace, std::string_view licensee) {
  return stream_signs(crypto::derive(trace, cat("licensee/", licensee)), "code", kCodeBits);
}

WipedVector<int8_t> stream_signs(const crypto::SecretBytes& key, std::string_view purpose,
                                 size_t count) {
  const WipedBytes bytes = crypto::keystream(key, purpose, (count + 7) / 8);
  WipedVector<int8_t> signs(bytes.size() * 8);
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::copy_n(kSignsOfByte[std::to_integer<unsigned>(bytes[i])].begin(), 8, &signs[8 * i]);
  }
  signs.resize(count);
  return signs;
}

}  // namespace wmk::embed
