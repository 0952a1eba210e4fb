// The readings of shares: what z of any total of them is computed from.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "embed/read/score.h"

namespace wmk::embed {

// The sketches after the guard: those of a structure under each of `rules`, structure by structure.
// The guard's decompositions take longest, so they run side by side.
std::vector<PerKind<std::vector<double>>> guarded_sketches(const std::vector<Structure>& structures,
                                                           const SketchSet& sketches,
                                                           std::span<const TagRule> rules,
                                                           unsigned threads);

struct ShareReading {
  unsigned share = 0;
  // By tag rule.
  std::array<Correlation, kTagRules.size()> correlation;
  std::array<Length, kTagRules.size()> length;
};

// One for each of `shares`, whose structures these are, in the same order.
std::vector<ShareReading> read_shares(const std::vector<unsigned>& shares,
                                      const std::vector<Structure>& structures,
                                      const SketchSet& sketches, unsigned threads);

// The first `count` readings together.
struct Total {
  Correlation correlation;
  Length length;
};
Total total_of(const std::vector<ShareReading>& readings, size_t count, TagRule tags);

}  // namespace wmk::embed
