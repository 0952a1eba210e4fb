#include "lineage/align/layer_map.h"

#include <algorithm>

#include "lineage/align/layer_scores.h"

namespace wmk::lineage {

namespace {

// Rows of unrelated layers have a mean squared cosine of 1/width; copies are far above.
constexpr double kRepeatedCosine = 0.25;

}  // namespace

std::vector<std::pair<size_t, size_t>> monotone_match(std::span<const double> score, size_t rows,
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

std::vector<LayerPair> layers_by_number(const ModelPair& pair) {
  std::vector<LayerPair> out;
  const auto of_b = layers_with_neurons(*pair.suspect.anatomy);
  const auto of_a = layers_with_neurons(*pair.reference.anatomy);
  for (size_t i = 0; i < of_a.size(); ++i) out.push_back({of_b[i], of_a[i]});
  return out;
}

uint64_t LayerClusters::of(uint64_t layer) const {
  const auto at = std::find(layers.begin(), layers.end(), layer);
  return at == layers.end() ? layer : first[static_cast<size_t>(at - layers.begin())];
}

Result<LayerClusters> layer_clusters(const Side& side) {
  auto rows = sampled_value_rows(side, nullptr, 1);
  if (!rows) return std::move(rows).error();
  LayerClusters out;
  for (size_t i = 0; i < rows->size(); ++i) {
    out.layers.push_back(side.attention.layers[i].layer);
    out.first.push_back(out.layers.back());
    for (size_t j = 0; j < i; ++j) {
      if (mean_square_cosine((*rows)[i], (*rows)[j], side.width()) <= kRepeatedCosine) continue;
      out.first[i] = out.first[j];
      break;
    }
  }
  return out;
}

}  // namespace wmk::lineage
