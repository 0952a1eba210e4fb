#include "embed/read/tile_projection.h"

#include <cmath>
#include <cstring>

#include "base/simd.h"
#include "base/transpose.h"
#include "checkpoint/numbers/scalar.h"
#include "stats/tile_pack.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::float_of_bf16;

// Sum of squares of one folded vector over a fixed number of lanes.
WMK_VECTORIZED float row_squares(const std::byte* row, const float* norm_weight, size_t width) {
  float lanes[kLanes] = {};
  for (size_t j = 0; j < width; j += kLanes) {  // width is a multiple of kTileDepth
    for (size_t k = 0; k < kLanes; ++k) {
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

// Interleaves two stored rows, sixteen columns at a time: the tiles' layout for a right operand.
WMK_VECTORIZED void interleave(const std::byte* upper, const std::byte* lower, uint32_t* words) {
  for (size_t u = 0; u < 16; ++u) {
    const uint32_t low = load_le<uint16_t>(upper + 2 * u);
    const uint32_t high = load_le<uint16_t>(lower + 2 * u);
    words[u] = high << 16 | low;
  }
}

// Five standard deviations of the error that a bf16 frame causes, on coordinates of deviation 1.
constexpr float kUnsure = 0x1p-8f;

WMK_VECTORIZED void mark_unsure(const float* y, const float* n, size_t units, uint8_t* unsure) {
  for (size_t u = 0; u < units; ++u) unsure[u] = std::abs(y[u]) < kUnsure * n[u] ? 1 : 0;
}

WMK_VECTORIZED float dot_row(const std::byte* row, const float* frame, size_t width) {
  float lanes[kLanes] = {};
  for (size_t j = 0; j < width; j += kLanes) {
    for (size_t k = 0; k < kLanes; ++k) {
      lanes[k] += float_of_bf16(load_le<uint16_t>(row + 2 * (j + k))) * frame[j + k];
    }
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

float dot_column(const stats::RightOperand& columns, size_t column, const float* frame) {
  float lanes[kLanes] = {};
  for (size_t j = 0; j < columns.k(); j += stats::kTileDepth) {
    const uint32_t* pairs = columns.word(j, column);
    for (size_t k = 0; k < kLanes; ++k) {
      const uint32_t pair = pairs[16 * k];
      lanes[k] += float_of_bf16(static_cast<uint16_t>(pair)) * frame[j + 2 * k] +
                  float_of_bf16(static_cast<uint16_t>(pair >> 16)) * frame[j + 2 * k + 1];
    }
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

// Computes those coordinates again whose sign is uncertain because they are close to zero.
void settle_signs(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                  const TileFrames& frames, const stats::RightOperand& columns,
                  const std::vector<float>& n, std::vector<float>& y) {
  const size_t width = raw.width();
  std::vector<uint8_t> unsure(units);
  for (size_t c = 0; c < frames.left.m(); ++c) {
    mark_unsure(&y[c * units], n.data(), units, unsure.data());
    const float* frame = &frames.exact[c * width];
    for (size_t u = 0; u < units; ++u) {
      const void* found = std::memchr(&unsure[u], 1, units - u);
      if (!found) break;
      u = static_cast<size_t>(static_cast<const uint8_t*>(found) - unsure.data());
      y[c * units + u] = raw.unit_major() ? dot_row(raw.element(first + u, 0), frame, width)
                                          : dot_column(columns, u, frame);
    }
  }
}

}  // namespace

void TileFrames::prepare(const std::vector<float>& frames, size_t columns,
                         std::span<const float> wanted, bool on_right) {
  const size_t width = wanted.size();
  if (norm_weight != wanted.data()) {
    norm_weight = wanted.data();
    exact = frames;
    for (size_t c = 0; c < columns; ++c) stats::multiply(norm_weight, width, &exact[c * width]);
    stats::pack_rounded(exact.data(), columns, width, left);
    right.resize(0, 0);
  }
  if (on_right && right.n() == 0) stats::transpose(left, right);
}

bool tiles_fit(const checkpoint::RawBlock& raw, size_t units, size_t columns) {
  return raw.dtype() == checkpoint::DType::bf16 && raw.step() == 1 &&
         units % stats::kTileSide == 0 && columns % stats::kTileSide == 0 &&
         raw.width() % stats::kTileDepth == 0 && stats::has_tiles();
}

void project_on_tiles(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                      std::span<const float> norm_weight, const TileFrames& frames,
                      TileScratch& scratch, std::vector<float>& y, std::vector<float>& n) {
  const size_t width = raw.width();
  const size_t columns = frames.left.m();
  n.assign(units, 0.0f);
  if (raw.unit_major()) {
    scratch.rows.resize(units, width);
    for (size_t u = 0; u < units; ++u) {
      const std::byte* row = raw.element(first + u, 0);
      n[u] = row_squares(row, norm_weight.data(), width);
      scratch.rows.set_row(u, row);
    }
    const stats::Term term{&scratch.rows, &frames.right};
    scratch.product.resize(units * columns);
    stats::tile_gemm({&term, 1}, scratch.product.data(), columns);
    transpose(scratch.product, units, columns, y);
  } else {
    scratch.columns.resize(width, units);
    for (size_t j = 0; j < width; j += 2) {
      if (j + kAhead < width) prefetch(raw.element(first, j + kAhead), raw.row_bytes(), units);
      const std::byte* upper = raw.element(first, j);
      const std::byte* lower = raw.element(first, j + 1);
      column_squares(upper, norm_weight[j], units, n.data());
      column_squares(lower, norm_weight[j + 1], units, n.data());
      for (size_t u = 0; u < units; u += 16) {
        interleave(upper + 2 * u, lower + 2 * u, scratch.columns.pair_words(j, u));
      }
    }
    const stats::Term term{&frames.left, &scratch.columns};
    stats::tile_gemm({&term, 1}, y.data(), units);
  }
  for (float& value : n) value = std::sqrt(value / static_cast<float>(width));
  settle_signs(raw, first, units, frames, scratch.columns, n, y);
}

}  // namespace wmk::embed
