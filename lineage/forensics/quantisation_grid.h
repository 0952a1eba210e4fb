// Do numbers lie on the grid of a quantisation? (specs/lineage.md 11)
//
// Purpose: rounding to a few bits leaves a block of neighbours on evenly spaced levels, or on a few
// levels of any spacing; numbers that were trained lie on none. Lifetime: values. Thread-safety:
// pure functions.
#pragma once

#include <optional>
#include <span>

#include "checkpoint/numbers/dtype.h"

namespace wmk::lineage {

struct BlockGrid {
  int bits = 0;     // that number the levels
  double step = 0;  // between levels; 0: uneven
};

// How far a value may lie from its level because it was stored in a type: half of its last place.
struct StoredRounding {
  int digits = 24;  // binary digits of the type
  static StoredRounding of(checkpoint::DType type, bool is_encoded);
  double of_value(double value, double largest) const;
};

// The coarsest grid of at most 256 levels on which all values lie, where chance would put them
// there less than once in a million; zeros, which pruning leaves, are no evidence.
std::optional<BlockGrid> grid_of(std::span<const float> block, const StoredRounding& rounding);

}  // namespace wmk::lineage
