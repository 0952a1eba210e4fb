#include "lineage/layer_map.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace wmk::lineage {

namespace {

using checkpoint::AttentionLayer;

constexpr uint64_t kSampledRows = 32;
// Rows of unrelated layers have a mean square cosine of 1/width; copies are far above this.
constexpr double kRepeatedCosine = 0.25;

// Every n-th v row of every layer, in coordinates of the reference, to unit length.
Result<std::vector<std::vector<float>>> sampled_rows(const Side& side, const Gauge* gauge,
                                                     unsigned threads) {
  const uint64_t rows = side.attention.kv_heads * side.attention.head_size;
  const uint64_t count = std::min(kSampledRows, rows);
  std::vector<std::vector<float>> out(side.attention.layers.size());
  auto status = parallel_for(out.size(), threads, [&](size_t i, unsigned) -> Status {
    const AttentionLayer& layer = side.attention.layers[i];
    for (uint64_t r = 0; r < count; ++r) {
      auto row = load_vectors({&side, layer.v, &layer.gain, gauge}, r * rows / count, 1);
      if (!row) return std::move(row).error();
      out[i].insert(out[i].end(), row->begin(), row->end());
    }
    return {};
  });
  if (!status) return std::move(status).error();
  return out;
}

double square_cosines(const std::vector<float>& a, const std::vector<float>& b, size_t width) {
  double sum = 0;
  const size_t count = std::min(a.size(), b.size()) / width;
  for (size_t r = 0; r < count; ++r) {
    const double c = cosine(&a[r * width], &b[r * width], width);
    sum += c * c;
  }
  return count ? sum / static_cast<double>(count) : 0;
}

std::vector<LayerPair> one_to_one(const Pair& pair) {
  std::vector<LayerPair> out;
  const auto of_b = layers_with_units(*pair.suspect.anatomy);
  const auto of_a = layers_with_units(*pair.reference.anatomy);
  for (size_t i = 0; i < of_a.size(); ++i) out.push_back({of_b[i], of_a[i]});
  return out;
}

}  // namespace

std::vector<std::pair<size_t, size_t>> rising_match(std::span<const double> score, size_t rows,
                                                    size_t columns) {
  // best[i][j]: of the first i rows and j columns.
  std::vector<double> best((rows + 1) * (columns + 1));
  const auto at = [&](size_t i, size_t j) -> double& { return best[i * (columns + 1) + j]; };
  for (size_t i = 1; i <= rows; ++i) {
    for (size_t j = 1; j <= columns; ++j) {
      const double both = at(i - 1, j - 1) + score[(i - 1) * columns + j - 1];
      at(i, j) = std::max({both, at(i - 1, j), at(i, j - 1)});
    }
  }
  std::vector<std::pair<size_t, size_t>> pairs;
  for (size_t i = rows, j = columns; i > 0 && j > 0;) {
    if (at(i, j) == at(i - 1, j)) {
      --i;
    } else if (at(i, j) == at(i, j - 1)) {
      --j;
    } else {
      pairs.emplace_back(--i, --j);
    }
  }
  std::reverse(pairs.begin(), pairs.end());
  return pairs;
}

Result<std::vector<LayerPair>> map_layers(const Pair& pair, const Gauge& gauge) {
  const auto depth = [](const Side& side) { return layers_with_units(*side.anatomy).size(); };
  if (depth(pair.suspect) == depth(pair.reference)) return one_to_one(pair);
  const auto &form_b = pair.suspect.attention, &form_a = pair.reference.attention;
  if (form_a.layers.empty() || form_b.layers.empty() ||
      form_a.kv_heads * form_a.head_size != form_b.kv_heads * form_b.head_size) {
    return std::vector<LayerPair>();
  }
  auto b = sampled_rows(pair.suspect, &gauge, pair.threads);
  if (!b) return std::move(b).error();
  auto a = sampled_rows(pair.reference, nullptr, pair.threads);
  if (!a) return std::move(a).error();
  std::vector<double> score;
  for (const auto& of_b : *b) {
    for (const auto& of_a : *a) {
      score.push_back(square_cosines(of_a, of_b, pair.reference.width()));
    }
  }
  std::vector<LayerPair> out;
  for (const auto& [i, j] : rising_match(score, b->size(), a->size())) {
    out.push_back({form_b.layers[i].layer, form_a.layers[j].layer});
  }
  return out;
}

Result<bool> repeats_layers(const Side& side) {
  auto rows = sampled_rows(side, nullptr, 1);
  if (!rows) return std::move(rows).error();
  for (size_t i = 0; i < rows->size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (square_cosines((*rows)[i], (*rows)[j], side.width()) > kRepeatedCosine) return true;
    }
  }
  return false;
}

}  // namespace wmk::lineage
