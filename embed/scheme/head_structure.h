// The heads of attention as a place for the mark: what a share reads and marks them with
// (specs/heads.md 2).
//
// Purpose: which rows of a share's frame carry and which give tags, the entries that tags are read
// from, and the carriers. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/memory/wiped.h"
#include "embed/scheme/structure.h"

namespace wmk::embed {

inline constexpr size_t kHeadTags = 64;
inline constexpr size_t kHeadRowsMax = 64;

// r: the first r rows of the frame carry, the next r give tags.
inline size_t head_rows(const Structure& share) {
  return std::min(kHeadRowsMax, share.sizes.r / 2);
}

// Entries of the carriers of a share, for residual width d. None of them is closed.
inline size_t head_entries(size_t d) {
  const size_t r = std::min(kHeadRowsMax, structure_sizes(d, StructureRole::share).r / 2);
  return kHeadTags * r * r;
}

// The two entries of B (r x r, row-major) whose signs make one tag; never the same.
struct HeadTagEntries {
  uint16_t first, second;
};
WipedVector<HeadTagEntries> head_tag_entries(const Structure& share);

// The carriers: kHeadTags x r^2 signs, +1 or -1.
WipedVector<int8_t> head_carrier(const Structure& share);

}  // namespace wmk::embed
