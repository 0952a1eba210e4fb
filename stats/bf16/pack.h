// Packs float matrices as operands of products of bf16 matrices (gemm.h).
//
// Matrices are row-major, and both sides are multiples of those of a tile. Thread-safety: pure
// functions; an operand has one writer.
#pragma once

#include <cstddef>

#include "stats/bf16/operands.h"

namespace wmk::stats {

// Values that are exact in bf16 (signs, integers up to 256): m x k, k x n.
void pack_exact(const float* matrix, size_t m, size_t k, LeftOperand& out);
void pack_exact(const float* matrix, size_t k, size_t n, RightOperand& out);

// Rounded to bf16.
void pack_rounded(const float* matrix, size_t m, size_t k, LeftOperand& out);
// Rows [first, first + count) of a k x n matrix, both even; `out` has its size. Calls for different
// rows may run in parallel.
void pack_rounded_rows(const float* matrix, size_t first, size_t count, RightOperand& out);

// A number is stored as one in bf16 (relative error 2^-9) or as the sum of two (2^-17).
enum class TilePrecision { one_term, two_terms };
// matrix = high + low; of one term `low` is empty.
void pack(const float* matrix, size_t m, size_t k, TilePrecision precision, LeftOperand& high,
          LeftOperand& low);

// The transpose, to be used on the other side.
void transpose(const LeftOperand& rows, RightOperand& out);
// Into columns [first, first + rows.m()) of `out`, which has its size. Calls for different columns
// may run in parallel.
void transpose(const LeftOperand& rows, size_t first, RightOperand& out);
void transpose(const RightOperand& columns, LeftOperand& out);
// Of columns [first, first + count).
void transpose(const RightOperand& columns, size_t first, size_t count, LeftOperand& out);

}  // namespace wmk::stats
