// The loops around the kernels that work on registers instead of tiles.
//
// Purpose: C is computed in pieces that fit into registers; a strip of left rows stays in the L1
// cache while columns pass. Thread-safety: pure functions.
#pragma once

#include "stats/bf16/gemm.h"

namespace wmk::stats {

// The most depth and columns that are processed at once: a part of the right operand that stays in
// the L2 cache while all rows pass.
inline constexpr size_t kPieceDepth = 256;
inline constexpr size_t kPieceColumns = 256;
// The most terms, and rows of a strip.
inline constexpr size_t kTermsMax = 3;
inline constexpr size_t kStripRowsMax = 8;
// Floats of one widened row: for each step of 32 and each term, 16 odd elements, then 16 even ones.
inline constexpr size_t kWideRow = kPieceDepth * kTermsMax;

// One piece of C, and the part [begin, end) of the depth that is added to it.
struct Piece {
  std::span<const Term> terms;
  size_t row, column, begin, end;
  const float* wide;  // the strip's rows, kWideRow floats apart; null unless the kernel widens
  float* c;
  size_t c_stride;
};

struct PieceKernel {
  size_t rows, columns;  // of a piece
  bool widens;           // reads left rows as floats
  void (*add)(const Piece& piece);
};

void multiply_by_pieces(const PieceKernel& kernel, std::span<const Term> terms, size_t first,
                        size_t count, size_t columns, float* c, size_t c_stride);

}  // namespace wmk::stats
