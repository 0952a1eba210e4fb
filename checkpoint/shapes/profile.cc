#include "checkpoint/shapes/profile.h"

#include <algorithm>
#include <cmath>

#include "base/simd.h"
#include "checkpoint/layout/unit_block.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kElementsSampled = 1 << 22;
// Shorter vectors correlate by chance.
constexpr size_t kLengthsMin = 32;

// The first units of a view, widened; `count` is 0 if they cannot be read.
struct Sample {
  RawBlock block;
  uint64_t count = 0;
  std::vector<float> values;
};

Sample read_sample(const Checkpoint& checkpoint, const View& view, uint64_t units, uint64_t width) {
  const uint64_t wanted = std::clamp<uint64_t>(kElementsSampled / width, 1, kUnitsSampled);
  Sample out;
  if (!out.block.read(checkpoint, view, width, 0, std::min(units, wanted))) return out;
  out.count = std::min(units, wanted);
  out.values.resize(out.count * width);
  out.block.widen_panel(0, out.count, out.values);
  return out;
}

WMK_VECTORIZED void add_squares(const float* row, size_t count, float* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += row[i] * row[i];
}

std::vector<float> squares_by_coordinate(const Sample& sample, uint64_t width) {
  std::vector<float> out(width);
  if (sample.block.unit_major()) {
    for (uint64_t u = 0; u < sample.count; ++u) {
      add_squares(&sample.values[u * width], width, out.data());
    }
    return out;
  }
  for (uint64_t c = 0; c < width; ++c) {
    const float* row = &sample.values[c * sample.count];
    for (uint64_t u = 0; u < sample.count; ++u) out[c] += row[u] * row[u];
  }
  return out;
}

std::vector<float> squares_by_unit(const Sample& sample, uint64_t width) {
  std::vector<float> out(sample.count);
  if (!sample.block.unit_major()) {
    for (uint64_t c = 0; c < width; ++c) {
      add_squares(&sample.values[c * sample.count], sample.count, out.data());
    }
    return out;
  }
  for (uint64_t u = 0; u < sample.count; ++u) {
    const float* row = &sample.values[u * width];
    for (uint64_t c = 0; c < width; ++c) out[u] += row[c] * row[c];
  }
  return out;
}

}  // namespace

std::vector<float> normalised(std::vector<float> values) {
  if (values.size() < kLengthsMin) return {};
  double sum = 0, squares = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) return {};
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double mean = sum / static_cast<double>(values.size());
  const double variance = squares / static_cast<double>(values.size()) - mean * mean;
  if (!(variance > 1e-12)) return {};
  const double scale = 1 / std::sqrt(variance);
  for (float& value : values) value = static_cast<float>((value - mean) * scale);
  return values;
}

std::vector<float> standardised(std::vector<float> lengths) {
  for (float& value : lengths) value = std::log(std::max(std::fabs(value), 1e-30f));
  return normalised(std::move(lengths));
}

Profile profile_of(const Checkpoint& checkpoint, const View& view, uint64_t units, uint64_t width) {
  const Sample sample = read_sample(checkpoint, view, units, width);
  if (sample.count == 0) return {};
  return {standardised(squares_by_unit(sample, width)),
          standardised(squares_by_coordinate(sample, width))};
}

const std::vector<float>& ColumnLengths::of(const View& view, uint64_t units, uint64_t width) {
  const auto [at, is_new] = known_.try_emplace(
      {view.tensor, view.first, view.unit_stride, view.coordinate_stride, units, width});
  if (is_new) {
    const Sample sample = read_sample(checkpoint_, view, units, width);
    if (sample.count > 0) at->second = standardised(squares_by_coordinate(sample, width));
  }
  return at->second;
}

double agreement(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.empty() || a.size() != b.size()) return 0;
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return std::fabs(sum) / static_cast<double>(a.size());
}

}  // namespace wmk::checkpoint
