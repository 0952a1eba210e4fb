#include "lineage/tests/dominant_directions.h"

#include <algorithm>
#include <array>

#include "base/simd.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/sampling.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr size_t kWidthOfADirection = 16;  // at most one direction for so many coordinates
constexpr int kIterations = 20;
constexpr size_t kRowsMax = 512;  // evenly spread over the given rows

void subtract(const float* direction, std::span<float> row) {
  const auto share = static_cast<float>(stats::dot(direction, row.data(), row.size()));
  stats::add_scaled(-share, direction, row.size(), row.data());
}

using Shares = std::array<float, DominantDirections::kDirections>;

// The products of a row with all directions. Each has a fixed number of partial sums, so that
// additions do not wait for each other.
WMK_VECTORIZED void shares_of(const float* row, const float* directions, size_t width,
                              Shares& shares) {
  float lanes[DominantDirections::kDirections][kLanes] = {};
  size_t j = 0;
  for (; j + kLanes <= width; j += kLanes) {
    for (size_t k = 0; k < DominantDirections::kDirections; ++k) {
      for (size_t l = 0; l < kLanes; ++l) lanes[k][l] += directions[k * width + j + l] * row[j + l];
    }
  }
  for (size_t k = 0; k < DominantDirections::kDirections; ++k) {
    shares[k] = 0;
    for (size_t i = j; i < width; ++i) shares[k] += directions[k * width + i] * row[i];
    for (const float lane : lanes[k]) shares[k] += lane;
  }
}

WMK_VECTORIZED void subtract_all(const Shares& shares, const float* directions, size_t width,
                                 float* row) {
  for (size_t j = 0; j < width; ++j) {
    float sum = 0;
    for (size_t k = 0; k < DominantDirections::kDirections; ++k)
      sum += shares[k] * directions[k * width + j];
    row[j] -= sum;
  }
}

// Adds the row to every direction, multiplied by its share.
WMK_VECTORIZED void add_to_all(const Shares& shares, const float* row, size_t width, float* sums) {
  for (size_t k = 0; k < DominantDirections::kDirections; ++k) {
    for (size_t j = 0; j < width; ++j) sums[k * width + j] += shares[k] * row[j];
  }
}

// Gram-Schmidt; two passes are enough.
void orthonormalise(std::span<float> rows, size_t width) {
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    for (int pass = 0; pass < 2; ++pass) {
      for (size_t k = 0; k < i; k += width) subtract(&rows[k], row);
      normalise_rows(row, width);
    }
  }
}

}  // namespace

DominantDirections DominantDirections::find(std::span<const float> rows, size_t width,
                                            bool centred) {
  DominantDirections out;
  out.width = width;
  const size_t given = rows.size() / width, count = std::min(given, kRowsMax);
  std::vector<float> sample;
  sample.reserve(count * width);
  for (size_t i = 0; i < count; ++i) {
    const auto row = rows.subspan(i * given / count * width, width);
    sample.insert(sample.end(), row.begin(), row.end());
  }
  normalise_rows(sample, width);
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
  // Power iterations, one row at a time, so that a row stays in the cache until it is done.
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

void DominantDirections::remove(std::span<float> rows) const {
  Shares shares;
  for (size_t i = 0; i < rows.size(); i += width) {
    const auto row = rows.subspan(i, width);
    normalise_rows(row, width);
    if (row[0] == 0 && stats::sum_of_squares(row.data(), width) == 0) continue;
    stats::add_scaled(-1, mean.data(), mean.size(), row.data());
    if (!directions.empty()) {
      shares_of(row.data(), directions.data(), width, shares);
      subtract_all(shares, directions.data(), width, row.data());
    }
    normalise_rows(row, width);
  }
}

}  // namespace wmk::lineage
