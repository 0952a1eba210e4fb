// The readings of shares: what z of any total of them is computed from.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <array>
#include <vector>

#include "embed/read/score.h"

namespace wmk::verify {

struct ShareReading {
  unsigned share = 0;
  // By tag rule.
  std::array<embed::Correlation, embed::kTagRules.size()> correlation;
  std::array<embed::Length, embed::kTagRules.size()> length;
};

// One for each of `shares`, whose structures begin at `first`, in the same order.
std::vector<ShareReading> read_shares(const std::vector<unsigned>& shares,
                                      const std::vector<embed::Structure>& structures,
                                      const embed::SketchSet& sketches, unsigned threads,
                                      size_t first = 0);

// The first `count` readings together.
struct Total {
  embed::Correlation correlation;
  embed::Length length;
};
Total total_of(const std::vector<ShareReading>& readings, size_t count, embed::TagRule tags);

}  // namespace wmk::verify
