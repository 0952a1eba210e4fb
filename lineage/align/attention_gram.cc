#include "lineage/align/attention_gram.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "lineage/model/progress_stage.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

constexpr uint64_t kGramRowsATime = 256;
constexpr size_t kGramLayersMax = 8;  // of the permutation test

// W^T W of all vectors of a matrix.
Result<std::vector<float>> gram_of(const VectorSource& source, uint64_t count) {
  const size_t size = source.gauge->to;
  std::vector<float> gram(size * size);
  for (uint64_t first = 0; first < count; first += kGramRowsATime) {
    const uint64_t rows = std::min(kGramRowsATime, count - first);
    auto values = load_vectors(source, first, rows);
    if (!values) return std::move(values).error();
    stats::gemm(stats::Op::transposed, stats::Op::plain, size, size, rows, values->data(), size,
                values->data(), size, 1.0f, gram.data(), size);
  }
  centre_gram(gram, size);
  return gram;
}

double permuted_dot(const std::vector<float>& a, const std::vector<float>& b,
                    const std::vector<size_t>& order) {
  const size_t size = order.size();
  double sum = 0;
  std::vector<float> row(size);
  for (size_t i = 0; i < size; ++i) {
    const float* from = &b[order[i] * size];
    for (size_t j = 0; j < size; ++j) row[j] = from[order[j]];
    sum += stats::dot(&a[i * size], row.data(), size);
  }
  return sum;
}

// Null where that layer is not among those that were taken.
const LayerGrams* layer_grams(const AttentionGrams& grams, uint64_t layer) {
  const auto at = std::lower_bound(grams.layers.begin(), grams.layers.end(), layer);
  if (at == grams.layers.end() || *at != layer) return nullptr;
  return &grams.of[static_cast<size_t>(at - grams.layers.begin())];
}

struct GramPair {
  const LayerGrams *suspect, *reference;
};

// Layers that have Grams on both sides.
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
      if ((*pair.suspect)[m].empty() || (*pair.reference)[m].empty()) continue;
      sum += permuted_dot((*pair.reference)[m], (*pair.suspect)[m], order);
    }
  }
  return sum / static_cast<double>(4 * pairs.size());
}

}  // namespace

void centre_gram(std::span<float> gram, size_t size) {
  const auto n = static_cast<double>(size);
  std::vector<double> sums(size);
  double all = 0;
  for (size_t i = 0; i < size; ++i) {
    gram[i * size + i] = 0;
    for (size_t j = 0; j < size; ++j) sums[i] += gram[i * size + j];
    all += sums[i];
  }
  for (size_t i = 0; i < size; ++i) {
    for (size_t j = 0; j < size; ++j) {
      const double centre = (sums[i] + sums[j]) / (n - 2) - all / ((n - 1) * (n - 2));
      float& value = gram[i * size + j];
      value = i == j ? 0.0f : static_cast<float>(value - centre);
    }
  }
  const double length = std::sqrt(stats::sum_of_squares(gram.data(), gram.size()));
  const bool usable = length > 0 && std::isfinite(length);
  for (float& value : gram) value = usable ? static_cast<float>(value / length) : 0.0f;
}

Result<AttentionGrams> attention_grams(const Pair& pair, const Side& side, const Gauge& gauge,
                                       std::span<const size_t> coordinates, size_t layers_max) {
  const Gauge sampled = gauge.restricted(coordinates);
  const auto& form = side.attention;
  const uint64_t queries = form.heads * form.head_size, keys = form.kv_heads * form.head_size;
  AttentionGrams out;
  out.coordinates = coordinates.size();
  const size_t count = std::min(layers_max, form.layers.size());
  std::vector<const AttentionLayer*> layers;
  for (size_t i = 0; i < count; ++i) layers.push_back(&form.layers[i * form.layers.size() / count]);
  out.of.resize(count);
  for (const AttentionLayer* layer : layers) out.layers.push_back(layer->layer);
  const auto weights = static_cast<double>(count * 2 * (queries + keys) * side.width());
  WorkStage stage(pair, "attention", weights, 4 * count);
  auto status = parallel_for(4 * count, pair.threads, [&](size_t i, unsigned) -> Status {
    const AttentionLayer& layer = *layers[i / 4];
    const checkpoint::View* views[] = {&layer.q, &layer.k, &layer.v, &layer.o};
    const bool reads = i % 4 < 3;
    auto gram = gram_of({&side, *views[i % 4], reads ? &layer.gain : nullptr, &sampled},
                        i % 4 == 0 || i % 4 == 3 ? queries : keys);
    if (!gram) return std::move(gram).error();
    out.of[i / 4][i % 4] = *std::move(gram);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

double alikeness(const LayerGrams& a, const LayerGrams& b) {
  double sum = 0;
  for (size_t m = 0; m < 4; ++m) sum += stats::dot(a[m].data(), b[m].data(), a[m].size());
  return sum / 4;
}

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
  const size_t count = std::min(kGramLayersMax, pairs.size());
  for (size_t i = 0; i < count; ++i) some.push_back(pairs[i * pairs.size() / count]);
  std::vector<std::vector<size_t>> orders(kGramPermutations + 1);
  auto random = random_for(seed, "grams");
  for (auto& order : orders) {
    order.resize(suspect.coordinates);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    if (&order == &orders[0]) continue;  // as it is
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(random, i)]);
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

}  // namespace wmk::lineage
