#include "lineage/tests/neuron_strengths.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

constexpr double kWeakestLog2 = -8;

}  // namespace

void NeuronStrengths::add(std::span<const float> rows, size_t width) {
  for (size_t i = 0; i < log2_.size(); ++i) {
    // Zero gives minus infinity.
    log2_[i] += std::log2(stats::sum_of_squares(&rows[i * width], width)) / 2;
  }
}

std::vector<bool> NeuronStrengths::are_weak() const {
  std::vector<double> sorted;
  for (const double x : log2_) {
    if (std::isfinite(x)) sorted.push_back(x);
  }
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<bool> weak(log2_.size(), true);
  if (sorted.empty()) return weak;
  double all = 0, half = 0;
  for (const double x : sorted) all += std::exp2(x - sorted.front());
  double typical = sorted.front();
  for (const double x : sorted) {
    half += std::exp2(x - sorted.front());
    typical = x;
    if (2 * half >= all) break;
  }
  for (size_t i = 0; i < weak.size(); ++i) weak[i] = !(log2_[i] >= typical + kWeakestLog2);
  return weak;
}

}  // namespace wmk::lineage
