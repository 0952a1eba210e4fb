// Float matrices as operands of the tile product (tile_gemm.h).
//
// Purpose: matrices are row-major and whole; both sides are multiples of the tile's. Thread-safety:
// pure; an operand has one writer.
#pragma once

#include <cstddef>

#include "stats/tile_gemm.h"

namespace wmk::stats {

// Values that bf16 holds exactly (signs, whole numbers up to 256): m x k, k x n.
void pack_exact(const float* matrix, size_t m, size_t k, LeftOperand& out);
void pack_exact(const float* matrix, size_t k, size_t n, RightOperand& out);

// Rounded to bf16.
void pack_rounded(const float* matrix, size_t m, size_t k, LeftOperand& out);
// matrix = high + low to 2^-17.
void pack_split(const float* matrix, size_t m, size_t k, LeftOperand& high, LeftOperand& low);

// The transpose, to be used on the other side.
void turn(const LeftOperand& rows, RightOperand& out);
void turn(const RightOperand& columns, LeftOperand& out);

}  // namespace wmk::stats
