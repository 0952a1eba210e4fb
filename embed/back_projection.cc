#include "embed/back_projection.h"

#include <array>
#include <bit>

#include "base/simd.h"
#include "stats/gemm.h"

namespace wmk::embed {

namespace {

// A whole number of at most 8 bits is its own upper half.
uint16_t exact_bf16(float whole) {
  return static_cast<uint16_t>(std::bit_cast<uint32_t>(whole) >> 16);
}

// Sixteen units, thirty-two columns: `changes` holds columns, the tile wants units.
void turn_tile(const float* changes, size_t stride, uint16_t* tile) {
  for (size_t c = 0; c < 32; ++c) {
    for (size_t u = 0; u < 16; ++u) tile[u * 32 + c] = exact_bf16(changes[c * stride + u]);
  }
}

WMK_VECTORIZED void interleave_changes(const float* upper, const float* lower, uint32_t* words) {
  for (size_t u = 0; u < 16; ++u) {
    words[u] =
        (std::bit_cast<uint32_t>(lower[u]) & 0xFFFF0000u) | std::bit_cast<uint32_t>(upper[u]) >> 16;
  }
}

}  // namespace

BackProjection::BackProjection(const std::vector<float>& frames, size_t columns, size_t width)
    : frames_(frames),
      columns_(columns),
      width_(width),
      tiles_(columns % stats::kTileDepth == 0 && width % stats::kTileSide == 0 &&
             stats::has_tiles()) {
  if (!tiles_) return;
  high_.resize(columns, width);
  low_.resize(columns, width);
  high_left_.resize(width, columns);
  low_left_.resize(width, columns);
  for (size_t c = 0; c < columns; c += 2) {
    for (size_t j = 0; j < width; ++j) {
      const stats::Split even = stats::split_bf16(frames[c * width + j]);
      const stats::Split odd = stats::split_bf16(frames[(c + 1) * width + j]);
      high_.set_pair(c, j, even.high, odd.high);
      low_.set_pair(c, j, even.low, odd.low);
      *high_left_.part(j, c) = even.high;
      *low_left_.part(j, c) = even.low;
      *high_left_.part(j, c + 1) = odd.high;
      *low_left_.part(j, c + 1) = odd.low;
    }
  }
}

void BackProjection::apply(const std::vector<float>& changes, size_t units, bool by_unit,
                           Scratch& scratch, std::vector<float>& delta) const {
  using stats::Op;
  delta.resize(units * width_);
  if (tiles_ && units % stats::kTileSide == 0) {
    return apply_on_tiles(changes, units, by_unit, scratch, delta);
  }
  if (by_unit) {
    stats::gemm(Op::transposed, Op::plain, units, width_, columns_, changes.data(), units,
                frames_.data(), width_, 0.0f, delta.data(), width_);
  } else {
    stats::gemm(Op::transposed, Op::plain, width_, units, columns_, frames_.data(), width_,
                changes.data(), units, 0.0f, delta.data(), units);
  }
}

void BackProjection::apply_on_tiles(const std::vector<float>& changes, size_t units, bool by_unit,
                                    Scratch& scratch, std::vector<float>& delta) const {
  if (by_unit) {
    scratch.rows.resize(units, columns_);
    for (size_t u = 0; u < units; u += 16) {
      for (size_t c = 0; c < columns_; c += 32) {
        turn_tile(&changes[c * units + u], units, scratch.rows.part(u, c));
      }
    }
    const std::array terms = {stats::Term{&scratch.rows, &high_},
                              stats::Term{&scratch.rows, &low_}};
    return stats::tile_gemm(terms, delta.data(), width_);
  }
  scratch.columns.resize(columns_, units);
  for (size_t c = 0; c < columns_; c += 2) {
    for (size_t u = 0; u < units; u += 16) {
      interleave_changes(&changes[c * units + u], &changes[(c + 1) * units + u],
                         scratch.columns.pair_words(c, u));
    }
  }
  const std::array terms = {stats::Term{&high_left_, &scratch.columns},
                            stats::Term{&low_left_, &scratch.columns}};
  stats::tile_gemm(terms, delta.data(), units);
}

}  // namespace wmk::embed
