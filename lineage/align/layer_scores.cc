#include "lineage/align/layer_scores.h"

#include <algorithm>

#include "base/parallel.h"
#include "base/text.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/vector_reader.h"

namespace wmk::lineage {

namespace {

constexpr uint64_t kSampledRows = 32;
// Twice the depth of the deepest known models, on both sides.
constexpr size_t kPairsMax = 256 * 256;

// Why v rows cannot be compared; empty if they can.
std::string why_no_scores(const ModelPair& pair) {
  const auto &b = pair.suspect.attention, &a = pair.reference.attention;
  if (b.layers.empty()) return cat("suspect: ", b.missing);
  if (a.layers.empty()) return cat("reference: ", a.missing);
  if (a.kv_heads * a.head_size != b.kv_heads * b.head_size) return "the sizes of v differ";
  if (a.layers.size() > kPairsMax / b.layers.size()) return "too many layers for a map";
  return {};
}

}  // namespace

Result<std::vector<std::vector<float>>> sampled_value_rows(const Side& side, const Basis* basis,
                                                           unsigned threads) {
  const uint64_t rows = side.attention.kv_heads * side.attention.head_size;
  const uint64_t count = std::min(kSampledRows, rows);
  std::vector<std::vector<float>> out(side.attention.layers.size());
  auto status = parallel_for(out.size(), threads, [&](size_t i, unsigned) -> Status {
    const checkpoint::AttentionLayer& layer = side.attention.layers[i];
    std::vector<NeuronRun> rows_of_layer;
    for (uint64_t r = 0; r < count; ++r) rows_of_layer.push_back({0, r * rows / count, 1});
    VectorReader reader;
    auto found = reader.read_runs(rows_of_layer, [&](size_t) {
      return VectorSource{&side, layer.v, &layer.norm_weight, basis};
    });
    if (!found) return std::move(found).error();
    out[i] = std::move(**found);
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

double mean_square_cosine(const std::vector<float>& a, const std::vector<float>& b, size_t width) {
  double sum = 0;
  const size_t count = std::min(a.size(), b.size()) / width;
  for (size_t r = 0; r < count; ++r) {
    const double c = cosine(&a[r * width], &b[r * width], width);
    sum += c * c;
  }
  return count ? sum / static_cast<double>(count) : 0;
}

Result<LayerScores> layer_scores(const ModelPair& pair, const Basis& basis) {
  LayerScores out;
  out.missing = why_no_scores(pair);
  if (!out.missing.empty()) return out;
  const size_t width = pair.reference.width();
  out.what = cat("mean squared cosine of ", kSampledRows, " value rows at equal places");
  out.chance = 1 / static_cast<float>(width);
  for (const auto& layer : pair.suspect.attention.layers) out.rows.push_back(layer.layer);
  for (const auto& layer : pair.reference.attention.layers) out.columns.push_back(layer.layer);
  auto b = sampled_value_rows(pair.suspect, &basis, pair.threads);
  if (!b) return std::move(b).error();
  auto a = sampled_value_rows(pair.reference, nullptr, pair.threads);
  if (!a) return std::move(a).error();
  const size_t columns = a->size();
  out.values.resize(b->size() * columns);
  auto status = parallel_for(b->size(), pair.threads, [&](size_t i, unsigned) -> Status {
    for (size_t j = 0; j < columns; ++j) {
      out.values[i * columns + j] = static_cast<float>(mean_square_cosine((*a)[j], (*b)[i], width));
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

}  // namespace wmk::lineage
