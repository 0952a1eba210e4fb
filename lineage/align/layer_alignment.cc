#include "lineage/align/layer_alignment.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/text.h"
#include "lineage/align/layer_map.h"
#include "lineage/model/sampling.h"

namespace wmk::lineage {

namespace {

// Unrelated layers of trained models are slightly similar: a matching pair must stand out.
constexpr double kGapMin = 0.02;
constexpr double kGapSpreads = 8;
// If fewer layers match, all are paired as well as possible, so that the tests have a null result.
constexpr double kSharePaired = 0.25;

// The median plus a multiple of its distance to the lower quartile: at most half of all pairs
// match, and the others lie below. At most the middle between median and maximum.
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

// Counts rows whose best column is above the gap, and columns that are the best of several rows.
void count_matches(LayerAlignment& out) {
  std::vector<size_t> times(out.columns);
  for (size_t i = 0; i < out.rows; ++i) {
    const auto first = out.scores.begin() + static_cast<std::ptrdiff_t>(i * out.columns);
    const auto best = std::max_element(first, first + static_cast<std::ptrdiff_t>(out.columns));
    if (*best <= out.gap) continue;
    out.matched += 1;
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
  for (const auto& [i, j] : monotone_match(above, rows, columns)) {
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
    shuffle(random, order);
    const auto shuffled = with_rows(above, columns, order);
    const auto pairs = monotone_match(shuffled, rows, columns);
    out.at_least += total_of(shuffled, columns, pairs) >= out.total;
  }
  count_matches(out);
  return out;
}

LayerAlignment align_layers(const AttentionGrams& suspect, const AttentionGrams& reference,
                            uint64_t seed) {
  std::vector<double> scores;
  for (const LayerGrams& b : suspect.of) {
    for (const LayerGrams& a : reference.of) scores.push_back(similarity(b, a));
  }
  return align(std::move(scores), suspect.of.size(), reference.of.size(), seed);
}

std::vector<LayerPair> layer_pairs(const LayerAlignment& found, const AttentionGrams& suspect,
                                   const AttentionGrams& reference) {
  auto pairs = found.pairs;
  if (pairs.size() < kSharePaired * static_cast<double>(std::min(found.rows, found.columns))) {
    auto scores = found.scores;
    for (double& score : scores) score += 1;  // so that every pair gains
    pairs = monotone_match(scores, found.rows, found.columns);
  }
  std::vector<LayerPair> out;
  for (const auto& [i, j] : pairs) out.push_back({suspect.layers[i], reference.layers[j]});
  return out;
}

TestResult alignment_result(const LayerAlignment& found, const Basis& basis) {
  TestResult out;
  out.name = "T5 order of layers";
  out.statistic = "mean CKA of the matched layers, in increasing order";
  out.null = "the order of the suspect's layers is random (shuffled)";
  out.basis = basis.kind;
  if (found.scores.empty()) {
    out.note = "there is no attention to compare";
    return out;
  }
  out.value = out.effect = found.mean;
  out.component = Component::attention;
  out.stands_out = *std::max_element(found.scores.begin(), found.scores.end()) > kCopiedMin;
  out.outcome = Outcome::soft;
  out.kind = EvidenceKind::empirical;
  out.log10_p = found.log10_p();
  out.note =
      cat(found.pairs.size(), " of the suspect's ", found.rows, " layers match the reference's ",
          found.columns, " in order (above ", fixed(found.gap, 3), "); ", found.matched,
          " match one in any order; ", found.repeated, " of the reference match several");
  return out;
}

}  // namespace wmk::lineage
