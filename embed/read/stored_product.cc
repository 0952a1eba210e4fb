#include "embed/read/stored_product.h"

#include <algorithm>
#include <array>

#include "base/simd.h"
#include "base/transpose.h"
#include "checkpoint/numbers/scalar.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::float_of_bf16;

// Sum of squares of one folded vector over a fixed number of lanes: enough of them that no addition
// waits for another one.
WMK_VECTORIZED float row_squares(const std::byte* row, const float* norm_weight, size_t width) {
  static_assert(stats::kTileDepth == 2 * kLanes);
  float lanes[stats::kTileDepth] = {};
  for (size_t j = 0; j < width; j += stats::kTileDepth) {  // width is a multiple of it
    for (size_t k = 0; k < stats::kTileDepth; ++k) {
      const float x = float_of_bf16(load_le<uint16_t>(row + 2 * (j + k))) * norm_weight[j + k];
      lanes[k] += x * x;
    }
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

// The same for one coordinate of many vectors.
WMK_VECTORIZED void column_squares(const std::byte* row, float norm_weight, size_t units,
                                   float* sums) {
  for (size_t u = 0; u < units; ++u) {
    const float x = float_of_bf16(load_le<uint16_t>(row + 2 * u)) * norm_weight;
    sums[u] += x * x;
  }
}

// Rows are far apart in memory, and hardware prefetchers do not predict such strides.
constexpr size_t kAhead = 8;
void prefetch(const std::byte* row, size_t row_bytes, size_t units) {
  for (size_t i = 0; i < 2 * units; i += 64) {
    __builtin_prefetch(row + i);
    __builtin_prefetch(row + row_bytes + i);
  }
}

// Interleaves two stored rows, sixteen columns at a time: the layout of a right operand.
WMK_VECTORIZED void interleave(const std::byte* upper, const std::byte* lower, uint32_t* words) {
  for (size_t u = 0; u < 16; ++u) {
    const uint32_t low = load_le<uint16_t>(upper + 2 * u);
    const uint32_t high = load_le<uint16_t>(lower + 2 * u);
    words[u] = high << 16 | low;
  }
}

void pack_rows(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
               const float* norm_weight, stats::LeftOperand& rows, float* squares) {
  rows.resize(units, raw.width());
  for (size_t u = 0; u < units; ++u) {
    const std::byte* row = raw.element(first + u, 0);
    if (squares) squares[u] = row_squares(row, norm_weight, raw.width());
    rows.set_row(u, row);
  }
}

void pack_columns(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                  const float* norm_weight, stats::RightOperand& columns, float* squares) {
  const size_t width = raw.width();
  columns.resize(width, units);
  if (squares) std::fill_n(squares, units, 0.0f);
  for (size_t j = 0; j < width; j += 2) {
    if (j + kAhead < width) prefetch(raw.element(first, j + kAhead), raw.row_bytes(), units);
    const std::byte* upper = raw.element(first, j);
    const std::byte* lower = raw.element(first, j + 1);
    if (squares) {
      column_squares(upper, norm_weight[j], units, squares);
      column_squares(lower, norm_weight[j + 1], units, squares);
    }
    for (size_t u = 0; u < units; u += 16) {
      interleave(upper + 2 * u, lower + 2 * u, columns.pair_words(j, u));
    }
  }
}

}  // namespace

void FoldedFrames::fold(std::span<const float> frames, size_t columns, size_t width,
                        std::span<const float> norm_weight, bool by_unit,
                        stats::TilePrecision precision) {
  if (frames_ != frames.data() || norm_weight_ != norm_weight.data()) {
    frames_ = frames.data();
    norm_weight_ = norm_weight.data();
    exact_.assign(frames.begin(), frames.end());
    for (size_t c = 0; c < columns && !norm_weight.empty(); ++c) {
      stats::multiply(norm_weight.data(), width, &exact_[c * width]);
    }
    stats::pack(exact_.data(), columns, width, precision, high_left_, low_left_);
    high_.resize(0, 0);
  }
  if (!by_unit || high_.n() > 0) return;
  stats::transpose(high_left_, high_);
  if (terms() == 2) stats::transpose(low_left_, low_);
}

bool fits_bf16(const checkpoint::RawBlock& raw, size_t units, size_t columns) {
  return raw.dtype() == checkpoint::DType::bf16 && raw.step() == 1 &&
         units % stats::kTileSide == 0 && columns % stats::kTileSide == 0 &&
         raw.width() % stats::kTileDepth == 0;
}

void pack_stored(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                 std::span<const float> norm_weight, StoredScratch& scratch, float* squares) {
  scratch.by_unit = raw.unit_major();
  if (scratch.by_unit) {
    pack_rows(raw, first, units, norm_weight.data(), scratch.rows, squares);
  } else {
    pack_columns(raw, first, units, norm_weight.data(), scratch.columns, squares);
  }
}

void multiply_packed(const FoldedFrames& frames, StoredScratch& scratch, float* y, size_t stride) {
  using stats::Term;
  if (!scratch.by_unit) {
    const std::array terms = {Term{&frames.left(0), &scratch.columns},
                              Term{&frames.left(1), &scratch.columns}};
    return stats::bf16_gemm(std::span(terms).first(frames.terms()), y, stride);
  }
  const size_t units = scratch.rows.m(), columns = frames.columns();
  const std::array terms = {Term{&scratch.rows, &frames.right(0)},
                            Term{&scratch.rows, &frames.right(1)}};
  scratch.product.resize(units * columns);
  stats::bf16_gemm(std::span(terms).first(frames.terms()), scratch.product.data(), columns);
  transpose(scratch.product.data(), units, columns, y, stride);
}

}  // namespace wmk::embed
