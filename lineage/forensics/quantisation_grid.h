// Does a block of numbers lie on a quantisation grid? (specs/lineage.md 11)
//
// Purpose: quantisation to a few bits puts neighbouring numbers on evenly spaced levels, or on a
// few levels of any spacing; trained numbers lie on no grid. Lifetime: values. Thread-safety: pure
// functions.
#pragma once

#include <optional>
#include <span>

#include "checkpoint/numbers/dtype.h"

namespace wmk::lineage {

struct BlockGrid {
  int bits = 0;     // needed to number the levels
  double step = 0;  // between levels; 0 if they are uneven
};

// How far a stored value may be from its level: half a unit in the last place of its type.
struct StoredRounding {
  int digits = 24;  // binary digits of the type
  static StoredRounding of(checkpoint::DType type, bool is_encoded);
  double of_value(double value, double largest) const;
};

// The coarsest grid of at most 256 levels that contains all values, if chance would put them there
// less than once in a million. Zeros do not count, because pruning leaves them too.
std::optional<BlockGrid> grid_of(std::span<const float> block, const StoredRounding& rounding);

}  // namespace wmk::lineage
