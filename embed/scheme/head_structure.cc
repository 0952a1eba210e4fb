#include "embed/scheme/head_structure.h"

#include "crypto/blake2b.h"
#include "embed/scheme/keys.h"

namespace wmk::embed {

WipedVector<HeadTagEntries> head_tag_entries(const Structure& share) {
  const size_t r = head_rows(share);
  const WipedBytes bytes = crypto::keystream(share.key, "pairs/heads", 8 * kHeadTags);
  WipedVector<HeadTagEntries> out;
  for (size_t j = 0; j < kHeadTags; ++j) {
    const auto word = [&](size_t i) { return load_le<uint16_t>(&bytes[8 * j + 2 * i]) % r; };
    const size_t a = word(0), b = word(1), c = word(2);
    size_t d = word(3);
    if (a == c && b == d) d = (d + 1) % r;
    out.push_back({static_cast<uint16_t>(a * r + b), static_cast<uint16_t>(c * r + d)});
  }
  return out;
}

WipedVector<int8_t> head_carrier(const Structure& share) {
  const size_t r = head_rows(share);
  return stream_signs(share.key, "carrier/heads", kHeadTags * r * r);
}

}  // namespace wmk::embed
