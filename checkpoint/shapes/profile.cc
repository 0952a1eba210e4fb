#include "checkpoint/shapes/profile.h"

#include <algorithm>
#include <cmath>

#include "checkpoint/layout/unit_block.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kUnitsSampled = 256;
// Shorter vectors correlate by chance.
constexpr size_t kLengthsMin = 32;

}  // namespace

std::vector<float> standardised(std::vector<float> lengths) {
  if (lengths.size() < kLengthsMin) return {};
  double sum = 0, squares = 0;
  for (float& value : lengths) {
    value = std::log(std::max(std::fabs(value), 1e-30f));
    if (!std::isfinite(value)) return {};
    sum += value;
    squares += static_cast<double>(value) * value;
  }
  const double mean = sum / static_cast<double>(lengths.size());
  const double variance = squares / static_cast<double>(lengths.size()) - mean * mean;
  if (!(variance > 1e-12)) return {};
  const double scale = 1 / std::sqrt(variance);
  for (float& value : lengths) value = static_cast<float>((value - mean) * scale);
  return lengths;
}

Profile profile_of(const Checkpoint& checkpoint, const View& view, uint64_t units,
                   uint64_t width) {
  const uint64_t count = std::min(units, kUnitsSampled);
  RawBlock block;
  if (!block.read(checkpoint, view, width, 0, count)) return {};
  std::vector<float> panel(count * width);
  block.widen_panel(0, count, panel);
  std::vector<float> by_unit(count), by_coordinate(width);
  for (uint64_t u = 0; u < count; ++u) {
    for (uint64_t c = 0; c < width; ++c) {
      const float value = panel[block.unit_major() ? u * width + c : c * count + u];
      by_unit[u] += value * value;
      by_coordinate[c] += value * value;
    }
  }
  return {standardised(std::move(by_unit)), standardised(std::move(by_coordinate))};
}

double agreement(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.empty() || a.size() != b.size()) return 0;
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return std::fabs(sum) / static_cast<double>(a.size());
}

}  // namespace wmk::checkpoint
