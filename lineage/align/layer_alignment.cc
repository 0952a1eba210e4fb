#include "lineage/align/layer_alignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "lineage/align/layer_map.h"

namespace wmk::lineage {

namespace {

// Unrelated layers of trained models are a little alike: a pair must stand out from the rest.
constexpr double kGapMin = 0.02;
constexpr double kGapSpreads = 8;
// Where fewer layers stand out, all are matched as well as they can be: tests must have something
// to be null on.
constexpr double kSharePaired = 0.25;

// Above the median by some times its distance from the lower quartile: pairs that belong together
// are at most half of all, and the rest lies below. Never beyond the middle of median and maximum.
double gap_of(std::vector<double> scores) {
  std::sort(scores.begin(), scores.end());
  const double quartile = scores[(scores.size() - 1) / 4], median = scores[(scores.size() - 1) / 2];
  const double high = median + kGapSpreads * (median - quartile);
  return std::max(kGapMin, std::min(high, (median + scores.back()) / 2));
}

double total_of(const std::vector<double>& above, size_t columns,
                const std::vector<std::pair<size_t, size_t>>& pairs) {
  double sum = 0;
  for (const auto& [i, j] : pairs) sum += above[i * columns + j];
  return sum;
}

std::vector<double> with_rows(const std::vector<double>& values, size_t columns,
                              const std::vector<size_t>& order) {
  std::vector<double> out;
  out.reserve(values.size());
  for (const size_t row : order) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * columns);
    out.insert(out.end(), first, first + static_cast<std::ptrdiff_t>(columns));
  }
  return out;
}

// How many rows have a column above the gap, and how many columns are the best of several rows.
void count_answers(LayerAlignment& out) {
  std::vector<size_t> times(out.columns);
  for (size_t i = 0; i < out.rows; ++i) {
    const auto first = out.scores.begin() + static_cast<std::ptrdiff_t>(i * out.columns);
    const auto best = std::max_element(first, first + static_cast<std::ptrdiff_t>(out.columns));
    if (*best <= out.gap) continue;
    out.answered += 1;
    times[static_cast<size_t>(best - first)] += 1;
  }
  out.repeated = static_cast<size_t>(
      std::count_if(times.begin(), times.end(), [](size_t count) { return count > 1; }));
}

}  // namespace

double LayerAlignment::log10_p() const {
  return std::log10((1.0 + at_least) / (1.0 + kLayerShuffles));
}

LayerAlignment align(std::vector<double> scores, size_t rows, size_t columns, uint64_t seed) {
  LayerAlignment out;
  out.rows = rows;
  out.columns = columns;
  out.scores = std::move(scores);
  if (out.scores.empty()) return out;
  out.gap = gap_of(out.scores);
  std::vector<double> above = out.scores;
  for (double& value : above) value = std::max(0.0, value - out.gap);
  for (const auto& [i, j] : rising_match(above, rows, columns)) {
    if (above[i * columns + j] > 0) out.pairs.emplace_back(i, j);
  }
  out.total = total_of(above, columns, out.pairs);
  for (const auto& [i, j] : out.pairs) {
    out.mean += out.scores[i * columns + j] / static_cast<double>(out.pairs.size());
  }
  auto random = random_for(seed, "layers");
  std::vector<size_t> order(rows);
  std::iota(order.begin(), order.end(), size_t{0});
  for (unsigned t = 0; t < kLayerShuffles; ++t) {
    for (size_t i = rows; i > 1; --i) std::swap(order[i - 1], order[below(random, i)]);
    const auto shuffled = with_rows(above, columns, order);
    const auto pairs = rising_match(shuffled, rows, columns);
    out.at_least += total_of(shuffled, columns, pairs) >= out.total;
  }
  count_answers(out);
  return out;
}

LayerAlignment align_layers(const AttentionGrams& suspect, const AttentionGrams& reference,
                            uint64_t seed) {
  std::vector<double> scores;
  for (const LayerGrams& b : suspect.of) {
    for (const LayerGrams& a : reference.of) scores.push_back(alikeness(b, a));
  }
  return align(std::move(scores), suspect.of.size(), reference.of.size(), seed);
}

std::vector<LayerPair> layer_pairs(const LayerAlignment& found, const AttentionGrams& suspect,
                                   const AttentionGrams& reference) {
  auto pairs = found.pairs;
  if (pairs.size() < kSharePaired * static_cast<double>(std::min(found.rows, found.columns))) {
    auto scores = found.scores;
    for (double& score : scores) score += 1;  // any pair is better than none
    pairs = rising_match(scores, found.rows, found.columns);
  }
  std::vector<LayerPair> out;
  for (const auto& [i, j] : pairs) out.push_back({suspect.layers[i], reference.layers[j]});
  return out;
}

}  // namespace wmk::lineage
