#include "lineage/align/attention_gram.h"

#include <algorithm>
#include <cmath>

#include "lineage/model/progress_stage.h"
#include "lineage/model/sampling.h"
#include "lineage/model/vector_reader.h"
#include "mpi/shared_tasks.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

// W^T W of all vectors of a matrix, centred.
Result<std::vector<float>> gram_of(const VectorSource& source, uint64_t count) {
  const size_t size = source.basis->to;
  std::vector<float> gram(size * size);
  VectorReader reader;
  auto status =
      reader.for_each(source, count, [&](std::vector<float>& values, uint64_t, uint64_t rows) {
        stats::gemm(stats::Op::transposed, stats::Op::plain, size, size, rows, values.data(), size,
                    values.data(), size, 1.0f, gram.data(), size);
        return Status();
      });
  if (!status) return std::move(status).error();
  centre_gram(gram, size);
  return gram;
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

Result<AttentionGrams> attention_grams(const ModelPair& pair, const Side& side, const Basis& basis,
                                       std::span<const size_t> coordinates, size_t layers_max) {
  const Basis sampled = basis.restricted(coordinates);
  const auto& form = side.attention;
  const uint64_t queries = form.heads * form.head_size, keys = form.kv_heads * form.head_size;
  AttentionGrams out;
  out.coordinates = coordinates.size();
  std::vector<const AttentionLayer*> layers;
  for (const size_t i : evenly(form.layers.size(), layers_max)) layers.push_back(&form.layers[i]);
  const size_t count = layers.size();
  out.of.resize(count);
  for (const AttentionLayer* layer : layers) out.layers.push_back(layer->layer);
  const auto weights = static_cast<double>(count * 2 * (queries + keys) * side.width());
  ProgressStage stage(pair, "attention", weights, 4 * count);
  std::vector<std::vector<float>> grams(4 * count);
  auto status = mpi::for_tasks(pair.is_shared, pair.threads, grams, [&](size_t i) -> Status {
    const AttentionLayer& layer = *layers[i / 4];
    const checkpoint::View* views[] = {&layer.q, &layer.k, &layer.v, &layer.o};
    const bool reads = i % 4 < 3;
    auto gram = gram_of({&side, *views[i % 4], reads ? &layer.norm_weight : nullptr, &sampled},
                        i % 4 == 0 || i % 4 == 3 ? queries : keys);
    if (!gram) return std::move(gram).error();
    grams[i] = *std::move(gram);
    stage.advance();
    return {};
  });
  if (!status) return std::move(status).error();
  for (size_t i = 0; i < grams.size(); ++i) out.of[i / 4][i % 4] = std::move(grams[i]);
  return out;
}

double similarity(const LayerGrams& a, const LayerGrams& b) {
  double sum = 0;
  for (size_t m = 0; m < 4; ++m) sum += stats::dot(a[m].data(), b[m].data(), a[m].size());
  return sum / 4;
}

}  // namespace wmk::lineage
