#include "embed/tile_projection.h"

#include <array>
#include <cmath>

#include "base/simd.h"
#include "checkpoint/scalar.h"

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

// Two stored rows side by side, sixteen columns at a time: what the tiles want on the right.
WMK_VECTORIZED void interleave(const std::byte* upper, const std::byte* lower, uint32_t* words) {
  for (size_t u = 0; u < 16; ++u) {
    const uint32_t low = load_le<uint16_t>(upper + 2 * u);
    const uint32_t high = load_le<uint16_t>(lower + 2 * u);
    words[u] = high << 16 | low;
  }
}

WMK_VECTORIZED void split_row(const float* frame, const float* gain, size_t width, uint16_t* high,
                              uint16_t* low) {
  for (size_t j = 0; j < width; ++j) {
    const stats::Split split = stats::split_bf16(frame[j] * gain[j]);
    high[j] = split.high;
    low[j] = split.low;
  }
}

// Tile by tile: sixteen columns, thirty-two coordinates.
void pack(const std::vector<uint16_t>& rows, size_t columns, size_t width,
          stats::RightOperand& out) {
  out.resize(width, columns);
  for (size_t c = 0; c < columns; c += 16) {
    for (size_t j = 0; j < width; j += 32) {
      uint32_t* tile = out.pair_words(j, c);
      for (size_t i = 0; i < 16; ++i) {
        const uint16_t* row = &rows[(c + i) * width + j];
        for (size_t k = 0; k < 16; ++k) tile[k * 16 + i] = load_le<uint32_t>(row + 2 * k);
      }
    }
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
                         std::span<const float> wanted, bool packed) {
  const size_t width = wanted.size();
  const bool fresh = gain != wanted.data();
  if (fresh) {
    gain = wanted.data();
    high_rows.resize(columns * width);
    low_rows.resize(columns * width);
    for (size_t c = 0; c < columns; ++c) {
      split_row(&frames[c * width], gain, width, &high_rows[c * width], &low_rows[c * width]);
    }
    high.resize(0, 0);
    low.resize(0, 0);
  }
  if (packed && high.k() == 0) {
    pack(high_rows, columns, width, high);
    pack(low_rows, columns, width, low);
  }
}

bool tiles_fit(const checkpoint::RawBlock& raw, size_t units, size_t columns) {
  return raw.dtype() == checkpoint::DType::bf16 && raw.step() == 1 &&
         units % stats::kTileSide == 0 && columns % stats::kTileSide == 0 &&
         raw.width() % stats::kTileDepth == 0 && stats::has_tiles();
}

void project_on_tiles(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                      std::span<const float> gain, const TileFrames& frames,
                      stats::RightOperand& packed, std::vector<float>& product,
                      std::vector<float>& y, std::vector<float>& n) {
  const size_t width = raw.width();
  const size_t columns = frames.high_rows.size() / width;
  n.assign(units, 0.0f);
  if (raw.unit_major()) {
    for (size_t u = 0; u < units; ++u) {
      n[u] = row_squares(raw.element(first + u, 0), gain.data(), width);
    }
    const stats::LeftOperand weights{raw.element(first, 0), raw.row_bytes()};
    const std::array terms = {stats::Term{weights, &frames.high},
                              stats::Term{weights, &frames.low}};
    product.resize(units * columns);
    stats::tile_gemm(units, terms, product.data(), columns);
    transpose(product, units, columns, y);
  } else {
    packed.resize(width, units);
    for (size_t j = 0; j < width; j += 2) {
      const std::byte* upper = raw.element(first, j);
      const std::byte* lower = raw.element(first, j + 1);
      column_squares(upper, gain[j], units, n.data());
      column_squares(lower, gain[j + 1], units, n.data());
      for (size_t u = 0; u < units; u += 16) {
        interleave(upper + 2 * u, lower + 2 * u, packed.pair_words(j, u));
      }
    }
    const size_t row_bytes = width * sizeof(uint16_t);
    const std::array terms = {stats::Term{{frames.high_rows.data(), row_bytes}, &packed},
                              stats::Term{{frames.low_rows.data(), row_bytes}, &packed}};
    stats::tile_gemm(columns, terms, y.data(), units);
  }
  for (float& value : n) value = std::sqrt(value / static_cast<float>(width));
}

}  // namespace wmk::embed
