// Products of bf16 matrices: the one door to the kernels of the processor (specs/speed.md).
//
// Purpose: C = sum of left * right, in single precision. Thread-safety: calls may run concurrently.
// The result of one row or column does not depend on how many are computed together.
//
// Promise: all kernels but `amx` give the same bits, on every processor. An entry is the chain
//   c = (c + a[k + 1] b[k + 1]) + a[k] b[k],   k = 0, 2, 4, ...
// in steps of 32 for k, each step through all terms. A product of two bf16 numbers is exact in a
// float, so it does not matter whether it is fused with the addition. (Numbers below 2^-126 may
// count as zero.) `amx` adds even and odd k apart, which the processor does not let one change.
#pragma once

#include <cstddef>
#include <span>

#include "stats/bf16/operands.h"

namespace wmk::stats {

struct Term {
  const LeftOperand* left;
  const RightOperand* right;
};

// C (m x n, row-major, rows `c_stride` floats apart) = sum of left * right over the terms, one to
// three, which have the same shape.
void bf16_gemm(std::span<const Term> terms, float* c, size_t c_stride);
// Only rows [first, first + count) and the first `columns` columns of C, written to `c`. All three
// numbers are multiples of kTileSide.
void bf16_gemm_part(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                    float* c, size_t c_stride);

}  // namespace wmk::stats
