#include "stats/bf16/pieces.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "base/memory/wiped.h"
#include "base/simd.h"

namespace wmk::stats {

namespace {

// 32 elements of bf16 as floats, the odd ones first.
WMK_VECTORIZED void widen_step(const uint16_t* from, float* to) {
  uint32_t words[16];
  std::memcpy(words, from, sizeof words);
  for (size_t i = 0; i < 16; ++i) {
    to[i] = std::bit_cast<float>(words[i] & 0xFFFF0000u);
    to[16 + i] = std::bit_cast<float>(words[i] << 16);
  }
}

void widen_strip(std::span<const Term> terms, size_t row, size_t rows, size_t begin, size_t end,
                 float* wide) {
  for (size_t r = 0; r < rows; ++r) {
    float* to = wide + r * kWideRow;
    for (size_t k = begin; k < end; k += kTileDepth) {
      for (const Term& term : terms) {
        widen_step(term.left->part(row + r, k), to);
        to += kTileDepth;
      }
    }
  }
}

}  // namespace

void multiply_by_pieces(const PieceKernel& kernel, std::span<const Term> terms, size_t first,
                        size_t count, size_t columns, float* c, size_t c_stride) {
  assert(terms.size() <= kTermsMax && kernel.rows <= kStripRowsMax);
  alignas(64) float wide[kStripRowsMax * kWideRow];
  const size_t depth = terms.front().right->k();
  for (size_t begin = 0; begin < depth; begin += kPieceDepth) {
    const size_t end = std::min(depth, begin + kPieceDepth);
    for (size_t from = 0; from < columns; from += kPieceColumns) {
      const size_t to = std::min(columns, from + kPieceColumns);
      for (size_t row = 0; row < count; row += kernel.rows) {
        if (kernel.widens) widen_strip(terms, first + row, kernel.rows, begin, end, wide);
        for (size_t column = from; column < to; column += kernel.columns) {
          kernel.add({terms, first + row, column, begin, end, kernel.widens ? wide : nullptr,
                      c + row * c_stride + column, c_stride});
        }
      }
    }
  }
  if (kernel.widens) wipe(wide, sizeof wide);  // frames are secret
}

}  // namespace wmk::stats
