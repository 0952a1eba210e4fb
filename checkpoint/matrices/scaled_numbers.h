// Codes with scales and zero points: each block of elements has one number of a small matrix.
//
// Purpose: the arithmetic of each quantised format, in the order of operations of its own library.
// Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include <optional>

#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {

// A list of indices (g_idx of GPTQ): entry i is the row or column of the small matrix for row or
// column i.
struct PlaceList {
  uint32_t file = 0;
  uint64_t offset = 0;  // of little-endian I32
};

// The number for element (r, c) is that of row r / rows_each % rows_modulo and column
// c / columns_each of `numbers`, unless a list says otherwise.
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

// `second` is z. `minus` reads only z; `times` and `over` read only the scale.
Numbers scaled(Numbers values, Formula formula, Grid scale, Grid second = {});

}  // namespace wmk::checkpoint
