#include "lineage/tests/dominant_directions.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/simd.h"
#include "lineage/model/model_pair.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kWidthOfADirection = 16;  // small models: no more than one in sixteen
constexpr int kIterations = 20;
constexpr size_t kRowsMax = 512;  // of those given, evenly
constexpr double kDeadNorm = 1e-20;

void normalise(std::span<float> row) {
  const double norm = std::sqrt(stats::sum_of_squares(row.data(), row.size()));
  if (!(norm > kDeadNorm) || !std::isfinite(norm)) {
    std::fill(row.begin(), row.end(), 0.0f);
    return;
  }
  stats::scale(static_cast<float>(1 / norm), row.size(), row.data());
}

void take_out(const float* direction, std::span<float> row) {
  const auto share = static_cast<float>(stats::dot(direction, row.data(), row.size()));
  stats::add_scaled(-share, direction, row.size(), row.data());
}

using Shares = std::array<float, Hubs::kDirections>;

// Products of a row with all directions, over a fixed number of lanes: side by side, so that no sum
// waits for the one before.
WMK_VECTORIZED void shares_of(const float* row, const float* directions, size_t width,
                              Shares& shares) {
  float lanes[Hubs::kDirections][kLanes] = {};
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    for (size_t k = 0; k < Hubs::kDirections; ++k) {
      for (size_t l = 0; l < kLanes; ++l) lanes[k][l] += directions[k * width + j + l] * row[j + l];
    }
  }
  for (size_t k = 0; k < Hubs::kDirections; ++k) {
    shares[k] = 0;
    for (size_t i = j; i < width; ++i) shares[k] += directions[k * width + i] * row[i];
    for (const float lane : lanes[k]) shares[k] += lane;
  }
}

WMK_VECTORIZED void take_out_all(const Shares& shares, const float* directions, size_t width,
                                 float* row) {
  for (size_t j = 0; j < width; ++j) {
    float sum = 0;
    for (size_t k = 0; k < Hubs::kDirections; ++k) sum += shares[k] * directions[k * width + j];
    row[j] -= sum;
  }
}

// Adds the row to every direction, as often as its share of that says.
WMK_VECTORIZED void add_to_all(const Shares& shares, const float* row, size_t width, float* sums) {
  for (size_t k = 0; k < Hubs::kDirections; ++k) {
    for (size_t j = 0; j < width; ++j) sums[k * width + j] += shares[k] * row[j];
  }
}

// Gram and Schmidt; twice is enough.
void orthonormalise(std::span<float> rows, size_t width) {
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t k = 0; k < i; k += width) take_out(&rows[k], row);
      normalise(row);
    }
  }
}

}  // namespace

Hubs Hubs::find(std::span<const float> rows, size_t width, bool centred) {
  Hubs out;
  out.width = width;
  const size_t given = rows.size() / width, count = std::min(given, kRowsMax);
  std::vector<float> sample;
  sample.reserve(count * width);
  for (size_t i = 0; i < count; ++i) {
    const auto row = rows.subspan(i * given / count * width, width);
    sample.insert(sample.end(), row.begin(), row.end());
  }
  for (size_t i = 0; i < count; ++i) normalise(std::span(sample).subspan(i * width, width));
  if (centred && count > 0) {
    out.mean.resize(width);
    const float part = 1 / static_cast<float>(count);
    for (size_t i = 0; i < count; ++i) {
      stats::add_scaled(part, &sample[i * width], width, out.mean.data());
    }
    for (size_t i = 0; i < count; ++i) {
      stats::add_scaled(-1, out.mean.data(), width, &sample[i * width]);
    }
  }
  const size_t r = std::min({kDirections, width / kWidthOfADirection, count});
  if (r == 0) return out;
  out.directions.resize(kDirections * width);
  auto random = random_for(0, "hubs");
  for (float& value : std::span(out.directions).first(r * width)) {
    value = static_cast<float>(static_cast<double>(random() >> 11) * 0x1p-53 - 0.5);
  }
  orthonormalise(out.directions, width);
  // Power iterations, a row at a time: it stays in the nearest cache for all that is done with it.
  Shares shares;
  for (int step = 0; step < kIterations; ++step) {
    std::vector<float> next(out.directions.size());
    for (size_t i = 0; i < sample.size(); i += width) {
      shares_of(&sample[i], out.directions.data(), width, shares);
      add_to_all(shares, &sample[i], width, next.data());
    }
    out.directions = std::move(next);
    orthonormalise(out.directions, width);
  }
  return out;
}

void Hubs::remove(std::span<float> rows) const {
  Shares shares;
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    normalise(row);
    if (row[0] == 0 && stats::sum_of_squares(row.data(), width) == 0) continue;
    stats::add_scaled(-1, mean.data(), mean.size(), row.data());
    if (!directions.empty()) {
      shares_of(row.data(), directions.data(), width, shares);
      take_out_all(shares, directions.data(), width, row.data());
    }
    normalise(row);
  }
}

}  // namespace wmk::lineage
