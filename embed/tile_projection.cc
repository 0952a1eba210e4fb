#include "embed/tile_projection.h"

#include <array>
#include <cmath>

#include "base/simd.h"
#include "checkpoint/scalar.h"
#include "stats/tile_pack.h"
#include "stats/vectors.h"

namespace wmk::embed {

namespace {

using checkpoint::float_of_bf16;

// Sum of squares of one folded vector over a fixed number of lanes.
WMK_VECTORIZED float row_squares(const std::byte* row, const float* gain, size_t width) {
  float lanes[kLanes] = {};
  for (size_t j = 0; j < width; j += kLanes) {  // width is a multiple of kTileDepth
    for (size_t k = 0; k < kLanes; ++k) {
      const float x = float_of_bf16(load_le<uint16_t>(row + 2 * (j + k))) * gain[j + k];
      lanes[k] += x * x;
    }
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

// The same for one coordinate of many vectors.
WMK_VECTORIZED void column_squares(const std::byte* row, float gain, size_t units, float* sums) {
  for (size_t u = 0; u < units; ++u) {
    const float x = float_of_bf16(load_le<uint16_t>(row + 2 * u)) * gain;
    sums[u] += x * x;
  }
}

// Rows further on come from far memory, and no processor guesses steps between them.
constexpr size_t kAhead = 8;
void prefetch(const std::byte* row, size_t row_bytes, size_t units) {
  for (size_t i = 0; i < 2 * units; i += 64) {
    __builtin_prefetch(row + i);
    __builtin_prefetch(row + row_bytes + i);
  }
}

// Two stored rows side by side, sixteen columns at a time: what the tiles want on the right.
WMK_VECTORIZED void interleave(const std::byte* upper, const std::byte* lower, uint32_t* words) {
  for (size_t u = 0; u < 16; ++u) {
    const uint32_t low = load_le<uint16_t>(upper + 2 * u);
    const uint32_t high = load_le<uint16_t>(lower + 2 * u);
    words[u] = high << 16 | low;
  }
}

void transpose(const std::vector<float>& from, size_t rows, size_t columns,
               std::vector<float>& to) {
  constexpr size_t side = 16;
  for (size_t r = 0; r < rows; r += side) {
    for (size_t c = 0; c < columns; ++c) {
      for (size_t i = r; i < r + side; ++i) to[c * rows + i] = from[i * columns + c];
    }
  }
}

}  // namespace

void TileFrames::prepare(const std::vector<float>& frames, size_t columns,
                         std::span<const float> wanted, bool on_right) {
  const size_t width = wanted.size();
  if (gain != wanted.data()) {
    gain = wanted.data();
    std::vector<float> folded = frames;
    for (size_t c = 0; c < columns; ++c) stats::multiply(gain, width, &folded[c * width]);
    stats::pack_split(folded.data(), columns, width, high_left, low_left);
    high.resize(0, 0);
    low.resize(0, 0);
  }
  if (on_right && high.k() == 0) {
    stats::turn(high_left, high);
    stats::turn(low_left, low);
  }
}

bool tiles_fit(const checkpoint::RawBlock& raw, size_t units, size_t columns) {
  return raw.dtype() == checkpoint::DType::bf16 && raw.step() == 1 &&
         units % stats::kTileSide == 0 && columns % stats::kTileSide == 0 &&
         raw.width() % stats::kTileDepth == 0 && stats::has_tiles();
}

void project_on_tiles(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                      std::span<const float> gain, const TileFrames& frames, TileScratch& scratch,
                      std::vector<float>& y, std::vector<float>& n) {
  const size_t width = raw.width();
  const size_t columns = frames.high_left.m();
  n.assign(units, 0.0f);
  if (raw.unit_major()) {
    scratch.rows.resize(units, width);
    for (size_t u = 0; u < units; ++u) {
      const std::byte* row = raw.element(first + u, 0);
      n[u] = row_squares(row, gain.data(), width);
      scratch.rows.set_row(u, row);
    }
    const std::array terms = {stats::Term{&scratch.rows, &frames.high},
                              stats::Term{&scratch.rows, &frames.low}};
    scratch.product.resize(units * columns);
    stats::tile_gemm(terms, scratch.product.data(), columns);
    transpose(scratch.product, units, columns, y);
  } else {
    scratch.columns.resize(width, units);
    for (size_t j = 0; j < width; j += 2) {
      if (j + kAhead < width) prefetch(raw.element(first, j + kAhead), raw.row_bytes(), units);
      const std::byte* upper = raw.element(first, j);
      const std::byte* lower = raw.element(first, j + 1);
      column_squares(upper, gain[j], units, n.data());
      column_squares(lower, gain[j + 1], units, n.data());
      for (size_t u = 0; u < units; u += 16) {
        interleave(upper + 2 * u, lower + 2 * u, scratch.columns.pair_words(j, u));
      }
    }
    const std::array terms = {stats::Term{&frames.high_left, &scratch.columns},
                              stats::Term{&frames.low_left, &scratch.columns}};
    stats::tile_gemm(terms, y.data(), units);
  }
  for (float& value : n) value = std::sqrt(value / static_cast<float>(width));
}

}  // namespace wmk::embed
