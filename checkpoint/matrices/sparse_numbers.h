// Matrices of which only some elements are stored, as a bit mask says.
//
// Purpose: sparse checkpoints of compressed-tensors. Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include <optional>

#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {

// A bit for each element of a matrix, least significant bits first. Rows begin with a byte.
struct BitMask {
  uint32_t file = 0;
  uint64_t offset = 0;
  uint64_t rows = 0, columns = 0;
  uint64_t row_bytes() const { return (columns + 7) / 8; }
};

// Where the values of row r begin: at r * each, or at entry r of a list of little-endian I64.
struct RowStarts {
  struct List {
    uint32_t file = 0;
    uint64_t offset = 0;
  };
  uint64_t each = 0;
  std::optional<List> list = std::nullopt;
};

// `values` is one row: those of the elements whose bit is set, row by row; all others are 0. A mask
// that does not agree with the starts of rows, or with the number of values, is an Error.
Numbers sparse_numbers(Numbers values, const BitMask& mask, const RowStarts& starts);

}  // namespace wmk::checkpoint
