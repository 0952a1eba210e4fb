#include "lineage/tests/attention_agreement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/sampling.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

// A mean CKA beyond these stands out in the models' own coordinates. Independent models of one
// width have at most .01 (mean .004, deviation .003, after an assignment of coordinates).
constexpr double kGramMin = 0.02, kGramDeviations = 8;

double permuted_dot(const std::vector<float>& a, const std::vector<float>& b,
                    const std::vector<size_t>& order) {
  const size_t size = order.size();
  double sum = 0;
  std::vector<float> row(size);
  const std::vector<uint32_t> columns(order.begin(), order.end());
  for (size_t i = 0; i < size; ++i) {
    stats::gather(&b[order[i] * size], columns.data(), size, row.data());
    sum += stats::dot(&a[i * size], row.data(), size);
  }
  return sum;
}

// Null if that layer was not sampled.
const LayerGrams* layer_grams(const AttentionGrams& grams, uint64_t layer) {
  const auto at = std::lower_bound(grams.layers.begin(), grams.layers.end(), layer);
  if (at == grams.layers.end() || *at != layer) return nullptr;
  return &grams.of[static_cast<size_t>(at - grams.layers.begin())];
}

struct GramPair {
  const LayerGrams *suspect, *reference;
};

// The corresponding layers that were sampled in both models.
std::vector<GramPair> grams_of(const AttentionGrams& suspect, const AttentionGrams& reference,
                               const std::vector<LayerPair>& layers) {
  std::vector<GramPair> out;
  for (const LayerPair& both : layers) {
    const GramPair pair{layer_grams(suspect, both.suspect), layer_grams(reference, both.reference)};
    if (pair.suspect && pair.reference) out.push_back(pair);
  }
  return out;
}

double mean_under(const std::vector<GramPair>& pairs, const std::vector<size_t>& order) {
  double sum = 0;
  for (const GramPair& pair : pairs) {
    for (size_t m = 0; m < 4; ++m) {
      sum += permuted_dot((*pair.reference)[m], (*pair.suspect)[m], order);
    }
  }
  return sum / static_cast<double>(4 * pairs.size());
}

}  // namespace

double GramAgreement::log10_p() const {
  return std::log10((1.0 + at_least) / (1.0 + kGramPermutations));
}

GramAgreement gram_agreement(const AttentionGrams& suspect, const AttentionGrams& reference,
                             const std::vector<LayerPair>& layers, uint64_t seed,
                             unsigned threads) {
  GramAgreement out;
  const auto pairs = grams_of(suspect, reference, layers);
  out.layers = pairs.size();
  if (pairs.empty()) return out;
  for (const GramPair& pair : pairs) {
    for (size_t m = 0; m < 4; ++m) {
      const auto &b = (*pair.suspect)[m], &a = (*pair.reference)[m];
      out.by_matrix[m] +=
          stats::dot(b.data(), a.data(), a.size()) / static_cast<double>(pairs.size());
    }
  }
  for (const double of_matrix : out.by_matrix) out.mean += of_matrix / 4;
  std::vector<GramPair> some;
  for (const size_t i : evenly(pairs.size(), kSampledLayers)) some.push_back(pairs[i]);
  std::vector<std::vector<size_t>> orders(kGramPermutations + 1);
  auto random = random_for(seed, "grams");
  for (auto& order : orders) {
    order.resize(suspect.coordinates);
    std::iota(order.begin(), order.end(), size_t{0});
    if (&order != &orders[0]) shuffle(random, order);  // the first order is the given one
  }
  std::vector<double> means(orders.size());
  (void)parallel_for(orders.size(), threads, [&](size_t i, unsigned) -> Status {
    means[i] = mean_under(some, orders[i]);
    return {};
  });
  double squares = 0;
  for (size_t i = 1; i < means.size(); ++i) {
    out.at_least += means[i] >= means[0];
    squares += means[i] * means[i];
  }
  out.null_sd = std::sqrt(squares / kGramPermutations);
  return out;
}

TestResult gram_result(const GramAgreement& found, const Basis& basis) {
  TestResult out;
  out.name = "T3 attention Gram";
  out.statistic = "mean unbiased CKA of q, k, v, o at sampled residual coordinates";
  out.basis = basis.kind;
  if (found.layers == 0) {
    out.note = "there is no attention to compare in corresponding layers";
    return out;
  }
  out.value = out.effect = found.mean;
  out.outcome = Outcome::soft;
  out.note = cat("q ", fixed(found.by_matrix[0], 3), ", k ", fixed(found.by_matrix[1], 3), ", v ",
                 fixed(found.by_matrix[2], 3), ", o ", fixed(found.by_matrix[3], 3), " over ",
                 found.layers, " layers");
  out.null = "none in fitted coordinates: an effect, never scored";
  out.component = Component::attention;
  out.stands_out = found.mean > kCopiedMin;
  if (basis.kind != BasisKind::identity) return out;
  out.kind = EvidenceKind::exact;
  out.log10_p = found.log10_p();
  out.null =
      "residual coordinates of the suspect are exchangeable (one permutation for all layers)";
  out.note += cat("; ", kGramPermutations, " permutations have sd ", fixed(found.null_sd, 4));
  out.stands_out =
      found.at_least == 0 && found.mean > kGramMin && found.mean > kGramDeviations * found.null_sd;
  return out;
}

}  // namespace wmk::lineage
