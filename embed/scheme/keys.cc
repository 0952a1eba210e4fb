#include "embed/scheme/keys.h"

#include "base/text.h"
#include "crypto/blake2b.h"

namespace wmk::embed {

namespace {

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
  WipedVector<int8_t> signs(count);
  for (size_t i = 0; i < count; ++i) {
    const unsigned bit = std::to_integer<unsigned>(bytes[i / 8]) >> (i % 8) & 1;
    signs[i] = bit != 0 ? 1 : -1;
  }
  return signs;
}

}  // namespace wmk::embed
