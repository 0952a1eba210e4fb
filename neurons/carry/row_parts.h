// Which rows of a suspect a map is fitted to, and which confirm it.
//
// Thread-safety: pure functions.
#pragma once

#include <algorithm>

#include "neurons/carry/neuron_rows.h"

namespace wmk::neurons {

inline constexpr size_t kWide = 2048;  // wider models are fitted with less effort

// Rows of the suspect to which the map is not fitted until it is confirmed.
inline bool is_held_out(size_t row) { return row % 4 == 3; }
// Rows of a wide model to which it is fitted until then: half of them are enough for a first map.
inline bool is_fitted(size_t row, size_t width) {
  return width <= kWide ? !is_held_out(row) : row % 2 == 0;
}

// Keeps the rows that `keep` names, in place.
template <class Keep>
void select(Rows& rows, const Keep& keep) {
  size_t kept = 0;
  for (size_t i = 0; i < rows.count; ++i) {
    if (keep(i)) std::copy_n(rows.row(i), rows.width, rows.row(kept++));
  }
  rows.count = kept;
  rows.values.resize(kept * rows.width);
  rows.values.shrink_to_fit();
}

}  // namespace wmk::neurons
