// Which rows of a suspect a map is fitted to, and which confirm it.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>

namespace wmk::neurons {

inline constexpr size_t kWide = 2048;  // wider models are fitted with less effort

// Rows of the suspect to which the map is not fitted until it is confirmed.
inline bool is_held_out(size_t row) { return row % 4 == 3; }
// Rows of a wide model to which it is fitted until then: half of them are enough for a first map.
inline bool is_fitted(size_t row, size_t width) {
  return width <= kWide ? !is_held_out(row) : row % 2 == 0;
}

}  // namespace wmk::neurons
