#include "embed/read/band.h"

#include <cmath>

namespace wmk::embed {

namespace {

constexpr double kBandWidth = 4;       // of log2 of the strength
constexpr uint64_t kWindowPart = 100;  // a window holds at least one in so many
constexpr size_t kWindowsKept = 3;

}  // namespace

int band_of(double log2_strength) {
  return static_cast<int>(std::floor(log2_strength / kBandWidth));
}

std::vector<int> largest_windows(const std::map<int, uint64_t>& counts) {
  uint64_t total = 0;
  for (const auto& [number, count] : counts) total += count;
  std::vector<std::pair<uint64_t, int>> windows;
  for (const auto& [number, own] : counts) {
    const auto next = counts.find(number + 1);
    const uint64_t count = own + (next == counts.end() ? 0 : next->second);
    if (count * kWindowPart >= total) windows.emplace_back(count, number);
  }
  std::stable_sort(windows.begin(), windows.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (windows.size() > kWindowsKept) windows.resize(kWindowsKept);
  std::vector<int> out;
  for (const auto& [count, number] : windows) out.push_back(number);
  return out;
}

}  // namespace wmk::embed
