// Signed sums of normalised embedding rows, in one pass for any number of frames (specs/mark.md 3).
//
// Purpose: sums are exact fixed-point integers, so they do not depend on threads, blocks or the
// order of the vocabulary. Thread-safety: pure function; starts its own workers.
#pragma once

#include <cstdint>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/layout/anatomy.h"

namespace wmk::embed {

struct Anchor {
  uint32_t group;
  int8_t sign;  // +1 or -1
};

// The anchors of one frame: for each row of the embedding a sign and a group below `rows`.
struct AnchorTable {
  size_t rows = 0;
  std::vector<Anchor> anchors;
};

// The fixed-point integer that stands for a coordinate of 1.
inline constexpr double kFixedPoint = 0x1p40;
// Normalised coordinates are at most 1, so with this many rows sums stay at or below 2^61.
inline constexpr uint64_t kVocabularyMax = 1ull << 21;

struct EmbeddingSums {
  std::vector<std::vector<int64_t>> groups;  // per table: rows x width
  std::vector<int64_t> all;                  // width: the sum of all rows
};

// Where Anatomy::ones are ignored rows lose their component along the ones vector, so that no frame
// has one. Rows with norm zero, or not finite, count as zero. `used`, if given, has one entry for
// each row; the other rows belong to no sum.
Result<EmbeddingSums> sum_embedding(const checkpoint::Checkpoint& checkpoint,
                                    const checkpoint::Anatomy& anatomy,
                                    const std::vector<AnchorTable>& tables,
                                    const std::vector<bool>* used, unsigned threads,
                                    Progress* progress);

}  // namespace wmk::embed
