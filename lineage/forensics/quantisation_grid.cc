#include "lineage/forensics/quantisation_grid.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

namespace wmk::lineage {

namespace {

constexpr double kLog10Chance = -6;
constexpr size_t kFewValues = 20;     // fewer values other than 0 show no levels
constexpr size_t kUnevenLevels = 16;  // in a table of four bits
constexpr int kLevelsMax = 256, kHalfLevels = kLevelsMax / 2;

struct Levels {
  std::vector<double> values;  // distinct, without 0; by size, as the smallest fit least easily
  std::vector<double> slack;   // of each
  size_t count = 0;            // of values, with repetitions
};

Levels levels_of(std::span<const float> block, const StoredRounding& rounding) {
  Levels out;
  double largest = 0;
  for (const float value : block) {
    if (value == 0) continue;
    if (!std::isfinite(value)) return {};
    out.values.push_back(value);
    largest = std::max(largest, std::abs(out.values.back()));
  }
  out.count = out.values.size();
  std::sort(out.values.begin(), out.values.end());
  out.values.erase(std::unique(out.values.begin(), out.values.end()), out.values.end());
  std::stable_sort(out.values.begin(), out.values.end(),
                   [](double a, double b) { return std::abs(a) < std::abs(b); });
  for (const double value : out.values) out.slack.push_back(rounding.of_value(value, largest));
  return out;
}

// Two places on the grid, a whole number of steps apart.
struct Anchors {
  double origin = 0, origin_slack = 0, far = 0, far_slack = 0;
};

// log10 of the probability that all values lie by chance on the grid of `steps` steps between the
// anchors; 1 if they do not lie on it.
double log10_chance(const Levels& levels, const Anchors& anchors, int steps) {
  const double step = (anchors.far - anchors.origin) / steps, size = std::abs(step);
  double chance = 0;
  for (size_t i = 0; i < levels.values.size(); ++i) {
    const double place = (levels.values[i] - anchors.origin) / step, part = place / steps;
    const double slack = levels.slack[i] + std::abs(1 - part) * anchors.origin_slack +
                         std::abs(part) * anchors.far_slack;
    if (std::abs(place - std::nearbyint(place)) * size > slack) return 1;
    // The anchors lie on the grid by definition.
    if (levels.values[i] == anchors.far || levels.values[i] == anchors.origin) continue;
    // Stored values are twice their slack apart, so that one more of them may fall within.
    chance += std::log10(std::min(1.0, 2 * (slack + levels.slack[i]) / size));
  }
  return chance;
}

// The smallest number of steps that fits, at most `steps_max`; 0: none.
int steps_between(const Levels& levels, const Anchors& anchors, int steps_max) {
  for (int steps = 1; steps <= steps_max; ++steps) {
    const double chance = log10_chance(levels, anchors, steps);
    if (chance < kLog10Chance - std::log10(2.0 * kLevelsMax)) return steps;
  }
  return 0;
}

// For eight bits stored in a type of eight digits: rounding hides the grid in large values, and the
// anchors are large. Phases of the small values show whether they have a common step. Returns log10
// of the probability that phases agree so well by chance (Rayleigh's test).
double log10_phases(const Levels& levels, double step, size_t count) {
  double x = 0, y = 0, weights = 0;
  for (size_t i = 0; i < count; ++i) {
    const double weight = std::max(0.0, 1 - 4 * levels.slack[i] / step);
    const double turn = 2 * std::numbers::pi * levels.values[i] / step;
    x += weight * std::cos(turn);
    y += weight * std::sin(turn);
    weights += weight * weight;
  }
  return weights > 0 ? -(x * x + y * y) / weights * std::numbers::log10e : 0;
}

// A step close to `step`, whose relative error is at most `error`; 0: none.
double step_by_phases(const Levels& levels, double step, double error) {
  constexpr int kTries = 8;  // on either side
  constexpr size_t kFew = 16;
  constexpr double kFewChance = -1.5;  // values on a grid are far below
  const size_t all = levels.values.size(), few = std::min(kFew, all);
  double best = 0, best_chance = kLog10Chance - std::log10(3.0 * (2 * kTries + 1));
  for (int i = -kTries; i <= kTries; ++i) {
    const double tried = step * (1 + error * i / kTries);
    if (log10_phases(levels, tried, few) > kFewChance) continue;
    const double chance = log10_phases(levels, tried, all);
    if (chance >= best_chance) continue;
    best = tried;
    best_chance = chance;
  }
  return best;
}

int bits_for(int levels) {
  int bits = 1;
  while ((1 << bits) < levels) ++bits;
  return bits;
}

}  // namespace

StoredRounding StoredRounding::of(checkpoint::DType type, bool is_encoded) {
  if (is_encoded) return {};
  return {type == checkpoint::DType::bf16 ? 8 : type == checkpoint::DType::f16 ? 11 : 24};
}

double StoredRounding::of_value(double value, double largest) const {
  // Levels were computed in single precision.
  return std::exp2(std::ilogb(value) - digits) + std::abs(largest) * 0x1p-21;
}

std::optional<BlockGrid> grid_of(std::span<const float> block, const StoredRounding& rounding) {
  const Levels levels = levels_of(block, rounding);
  const size_t count = levels.values.size();
  if (count < 2) return std::nullopt;
  // Levels around zero: the largest value is a multiple of the step, of at most 128.
  const Anchors around_zero{0, 0, levels.values.back(), levels.slack.back()};
  const auto [low, high] = std::minmax_element(levels.values.begin(), levels.values.end());
  const auto slack_at = [&](auto at) { return levels.slack[size_t(at - levels.values.begin())]; };
  const Anchors between{*low, slack_at(low), *high, slack_at(high)};
  const int multiples = steps_between(levels, around_zero, kHalfLevels);
  const int steps = steps_between(levels, between, kLevelsMax - 1);
  if (multiples > 0 && (steps == 0 || 2 * multiples <= steps + 1)) {
    return BlockGrid{bits_for(2 * multiples), std::abs(around_zero.far) / multiples};
  }
  if (steps > 0) return BlockGrid{bits_for(steps + 1), (between.far - between.origin) / steps};
  if (levels.count >= kFewValues && count <= kUnevenLevels && 4 * count <= 3 * levels.count) {
    return BlockGrid{4, 0};
  }
  const double largest = std::abs(around_zero.far), range = between.far - between.origin;
  for (const auto& [step, error] :
       {std::pair{range / (kLevelsMax - 1), (between.origin_slack + between.far_slack) / range},
        std::pair{largest / (kHalfLevels - 1), around_zero.far_slack / largest},
        std::pair{largest / kHalfLevels, around_zero.far_slack / largest}}) {
    const double found = step_by_phases(levels, step, error);
    if (found > 0) return BlockGrid{8, found};
  }
  return std::nullopt;
}

}  // namespace wmk::lineage
