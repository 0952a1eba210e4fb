#include "embed/read/bf16_projection.h"

#include <cmath>
#include <cstring>

#include "base/simd.h"
#include "checkpoint/numbers/scalar.h"
#include "stats/bf16/pack.h"

namespace wmk::embed {

namespace {

using checkpoint::float_of_bf16;

// Five standard deviations of the error that a bf16 frame causes, on coordinates of deviation 1. A
// frame with a few large entries errs more: of real models a few tags in 100,000 stay wrong.
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

// The same for a column that was packed in pairs and turned into a row of tiles.
WMK_VECTORIZED float dot_pairs(const uint16_t* row, const float* frame, size_t width) {
  float lanes[kLanes] = {};
  for (size_t j = 0; j < width; j += stats::kTileDepth, row += 16 * stats::kTileDepth) {
    for (size_t k = 0; k < kLanes; ++k) {
      lanes[k] += float_of_bf16(row[2 * k]) * frame[j + 2 * k] +
                  float_of_bf16(row[2 * k + 1]) * frame[j + 2 * k + 1];
    }
  }
  float sum = 0;
  for (float lane : lanes) sum += lane;
  return sum;
}

// Computes those coordinates again whose sign is uncertain because they are close to zero. Most
// columns have one, so they are all turned into rows first.
void settle_signs(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                  const FoldedFrames& frames, StoredScratch& scratch, const std::vector<float>& n,
                  std::vector<float>& y) {
  const size_t width = raw.width();
  if (!raw.unit_major()) stats::transpose(scratch.columns, scratch.rows);
  std::vector<uint8_t> unsure(units);
  for (size_t c = 0; c < frames.columns(); ++c) {
    mark_unsure(&y[c * units], n.data(), units, unsure.data());
    const float* frame = &frames.exact()[c * width];
    for (size_t u = 0; u < units; ++u) {
      const void* found = std::memchr(&unsure[u], 1, units - u);
      if (!found) break;
      u = static_cast<size_t>(static_cast<const uint8_t*>(found) - unsure.data());
      y[c * units + u] = raw.unit_major() ? dot_row(raw.element(first + u, 0), frame, width)
                                          : dot_pairs(scratch.rows.part(u, 0), frame, width);
    }
  }
}

}  // namespace

void project_bf16(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                  std::span<const float> norm_weight, const FoldedFrames& frames,
                  StoredScratch& scratch, std::vector<float>& y, std::vector<float>& n) {
  n.resize(units);
  pack_stored(raw, first, units, norm_weight, scratch, n.data());
  multiply_packed(frames, scratch, y.data(), units);
  for (float& value : n) value = std::sqrt(value / static_cast<float>(raw.width()));
  settle_signs(raw, first, units, frames, scratch, n, y);
}

}  // namespace wmk::embed
