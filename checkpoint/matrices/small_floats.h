// Floats of 4 and 6 bits, and the bytes that scale their blocks.
//
// Purpose: shared by NVFP4, MXFP4, MXFP6 and MXFP8. Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include "checkpoint/matrices/packed_numbers.h"

namespace wmk::checkpoint {

// Rows of `columns` (even) E2M1 codes, two per byte, low half first.
inline Numbers e2m1_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return looked_up(packed_along_rows(tensor, 4, rows, columns, columns * 4),
                   listed_numbers({0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f,
                                   -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f}));
}

// Rows of `columns` (a multiple of 4) E2M3 codes, four in three bytes, least significant bits
// first.
inline Numbers e2m3_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  std::vector<float> table;
  for (const float sign : {1.0f, -1.0f}) {
    for (unsigned code = 0; code < 32; ++code) {
      const auto part = static_cast<float>(code % 8) / 8;
      const auto power = static_cast<float>(code < 16 ? 1 : code < 24 ? 2 : 4);
      table.push_back(sign * (code < 8 ? part : (1 + part) * power));
    }
  }
  return looked_up(packed_along_rows(tensor, 6, rows, columns, columns * 6),
                   listed_numbers(std::move(table)));
}

// Bytes that are floats of 8 bits, whatever type the file gives them.
inline Numbers byte_floats(const Tensor& tensor, DType type, uint64_t rows, uint64_t columns) {
  Tensor typed = tensor;
  typed.dtype = type;
  return plain_numbers(typed, rows, columns);
}

// Exponents, stored as U8 or F8_E8M0.
inline Numbers e8m0_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return byte_floats(tensor, DType::f8_e8m0, rows, columns);
}

}  // namespace wmk::checkpoint
