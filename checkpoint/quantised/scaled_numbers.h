// Codes with scales and zero points: one number of a small grid goes with a block of elements.
//
// Purpose: the arithmetic of every quantised format, in the order that its own library works in.
// Lifetime and thread-safety: those of NumberMatrix.
#pragma once

#include <optional>

#include "checkpoint/quantised/number_matrix.h"

namespace wmk::checkpoint {

// A list of places (GPTQ's g_idx): entry i is the row or column of the grid for row or column i.
struct PlaceList {
  uint32_t file = 0;
  uint64_t offset = 0;  // of little-endian I32
};

// The number for element (r, c) is that of row r / rows_each % rows_modulo and column
// c / columns_each of `numbers`, where no list says otherwise.
struct Grid {
  Numbers numbers;
  uint64_t rows_each = 1;
  uint64_t columns_each = 1;
  uint64_t rows_modulo = UINT64_MAX;
  std::optional<PlaceList> row_places = std::nullopt;
  std::optional<PlaceList> column_places = std::nullopt;
};

// One number for all elements.
Grid everywhere(Numbers number);

enum class Formula : uint8_t {
  times,       // v * s
  over,        // v / s
  minus,       // v - z
  shifted,     // (v - z) * s
  times_plus,  // v * s + z
};

// `second` is z; for `minus` it alone is read, for `times` and `over` `scale` alone.
Numbers scaled(Numbers values, Formula formula, Grid scale, Grid second = {});

}  // namespace wmk::checkpoint
