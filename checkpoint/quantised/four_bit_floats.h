// The 4-bit float E2M1 and the 8-bit power of two that scales its blocks.
//
// Purpose: shared by NVFP4 and MXFP4. Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include "checkpoint/quantised/packed_numbers.h"

namespace wmk::checkpoint {

// Rows of `columns` (even) E2M1 codes, two per byte, low half first.
inline Numbers e2m1_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  return looked_up(packed_along_rows(tensor, 4, rows, columns, columns * 4),
                   listed_numbers({0.0f, 0.5f, 1.0f, 1.5f, 2.0f, 3.0f, 4.0f, 6.0f, -0.0f, -0.5f,
                                   -1.0f, -1.5f, -2.0f, -3.0f, -4.0f, -6.0f}));
}

// Exponents, stored as U8 or F8_E8M0.
inline Numbers e8m0_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns) {
  Tensor exponents = tensor;
  exponents.dtype = DType::f8_e8m0;
  return plain_numbers(exponents, rows, columns);
}

}  // namespace wmk::checkpoint
