#include "neurons/carry/layer_pairs.h"

#include <algorithm>
#include <cmath>

namespace wmk::neurons {

namespace {

class Distances {
 public:
  Distances(const std::vector<std::vector<double>>& suspect,
            const std::vector<std::vector<double>>& release)
      : rows_(suspect.size()), columns_(release.size()), values_(rows_ * columns_) {
    for (size_t i = 0; i < rows_; ++i) {
      for (size_t j = 0; j < columns_; ++j) {
        double squares = 0;
        for (size_t k = 0; k < suspect[i].size(); ++k) {
          squares += (suspect[i][k] - release[j][k]) * (suspect[i][k] - release[j][k]);
        }
        values_[i * columns_ + j] = std::sqrt(squares);
      }
    }
  }
  size_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  double at(size_t i, size_t j) const { return values_[i * columns_ + j]; }
  size_t nearest_column(size_t i) const {
    size_t best = 0;
    for (size_t j = 1; j < columns_; ++j) best = at(i, j) < at(i, best) ? j : best;
    return best;
  }
  size_t nearest_row(size_t j) const {
    size_t best = 0;
    for (size_t i = 1; i < rows_; ++i) best = at(i, j) < at(best, j) ? i : best;
    return best;
  }
  // The price of leaving out a layer: the median distance to the nearest.
  double gap() const {
    std::vector<double> nearest;
    for (size_t i = 0; i < rows_; ++i) nearest.push_back(at(i, nearest_column(i)));
    std::sort(nearest.begin(), nearest.end());
    return nearest[(nearest.size() - 1) / 2];
  }

 private:
  size_t rows_, columns_;
  std::vector<double> values_;
};

LayerPairs in_order(const Distances& distances) {
  const size_t n = distances.rows(), m = distances.columns();
  const double gap = distances.gap();
  std::vector<double> cost((n + 1) * (m + 1));
  const auto at = [&](size_t i, size_t j) -> double& { return cost[i * (m + 1) + j]; };
  const auto pair = [&](size_t i, size_t j) {
    return at(i - 1, j - 1) + distances.at(i - 1, j - 1);
  };
  for (size_t i = 0; i <= n; ++i) {
    for (size_t j = 0; j <= m; ++j) {
      if (i == 0 || j == 0) {
        at(i, j) = gap * static_cast<double>(i + j);
      } else {
        at(i, j) = std::min({pair(i, j), at(i - 1, j) + gap, at(i, j - 1) + gap});
      }
    }
  }
  LayerPairs out;
  size_t i = n, j = m;
  while (i > 0 && j > 0) {
    if (at(i, j) == pair(i, j)) {
      out.emplace_back(--i, --j);
    } else if (at(i, j) == at(i - 1, j) + gap) {
      --i;
    } else {
      --j;
    }
  }
  std::reverse(out.begin(), out.end());
  return out;
}

LayerPairs by_depth(size_t n, size_t m) {
  LayerPairs out;
  for (size_t i = 0; i < n; ++i) {
    out.emplace_back(i, n > 1 ? (i * (m - 1) + (n - 1) / 2) / (n - 1) : 0);
  }
  return out;
}

}  // namespace

std::vector<LayerPairs> pair_layers(const std::vector<std::vector<double>>& suspect,
                                    const std::vector<std::vector<double>>& release) {
  if (suspect.empty() || release.empty()) return {};
  const Distances distances(suspect, release);
  LayerPairs nearest;
  for (size_t i = 0; i < distances.rows(); ++i) {
    const size_t j = distances.nearest_column(i);
    if (distances.nearest_row(j) == i) nearest.emplace_back(i, j);
  }
  const size_t fewer = std::min(distances.rows(), distances.columns());
  std::vector<LayerPairs> found = {in_order(distances),
                                   by_depth(distances.rows(), distances.columns())};
  // Nearly all layers have a clear counterpart: the most likely pairing.
  found.insert(4 * nearest.size() >= 3 * fewer ? found.begin() : found.end(), std::move(nearest));
  std::vector<LayerPairs> out;
  for (LayerPairs& one : found) {
    if (!one.empty() && std::find(out.begin(), out.end(), one) == out.end()) out.push_back(one);
  }
  return out;
}

}  // namespace wmk::neurons
