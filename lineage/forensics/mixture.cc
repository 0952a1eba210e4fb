#include "lineage/forensics/mixture.h"

#include <algorithm>
#include <cmath>

#include "lineage/model/row_cosines.h"
#include "stats/solve.h"
#include "stats/vectors.h"

namespace wmk::lineage {

MixtureProducts::MixtureProducts(size_t count)
    : parents(count), dd((count - 1) * (count - 1)), de(count - 1), alone(count) {}

void MixtureProducts::add(const MixtureProducts& other) {
  for (size_t i = 0; i < dd.size(); ++i) dd[i] += other.dd[i] / other.bb;
  for (size_t i = 0; i < de.size(); ++i) de[i] += other.de[i] / other.bb;
  for (size_t i = 0; i < alone.size(); ++i) alone[i] += other.alone[i];
  ee += other.ee / other.bb;
  bb += 1;
}

bool MixtureProducts::is_sound() const {
  double sum = ee;
  for (const double value : dd) sum += value;
  for (const double value : de) sum += value;
  return std::isfinite(sum) && std::isfinite(bb) && bb > 0;
}

MixtureProducts mixture_products(std::span<const float> suspect,
                                 const std::vector<std::vector<float>>& parents) {
  const size_t others = parents.size() - 1, count = suspect.size();
  MixtureProducts out(parents.size());
  out.bb = stats::sum_of_squares(suspect.data(), count);
  const auto less_first = [&](std::span<const float> rows) {
    std::vector<float> difference(rows.begin(), rows.end());
    stats::add_scaled(-1, parents[0].data(), count, difference.data());
    return difference;
  };
  const auto e = less_first(suspect);
  out.ee = stats::sum_of_squares(e.data(), count);
  std::vector<std::vector<float>> d;
  for (size_t i = 0; i < parents.size(); ++i) {
    const double cos = cosine(suspect.data(), parents[i].data(), count);
    out.alone[i] = cos > 0 ? cos * cos : 0;
    if (i > 0) d.push_back(less_first(parents[i]));
  }
  for (size_t i = 0; i < others; ++i) {
    out.de[i] = stats::dot(d[i].data(), e.data(), count);
    for (size_t j = 0; j <= i; ++j) {
      out.dd[i * others + j] = out.dd[j * others + i] = stats::dot(d[i].data(), d[j].data(), count);
    }
  }
  return out;
}

Mixture best_mixture(const MixtureProducts& products) {
  const size_t others = products.parents - 1;
  double largest = 0;
  for (size_t i = 0; i < others; ++i) largest = std::max(largest, products.dd[i * others + i]);
  auto m = products.dd;
  // Two identical candidates have no unique weights.
  for (size_t i = 0; i < others; ++i) m[i * others + i] += 1e-9 * largest + 1e-30;
  const auto w = stats::solve_positive(m, products.de);
  double rest = products.ee, sum = 0;
  for (size_t i = 0; i < others; ++i) {
    rest -= 2 * w[i] * products.de[i];
    for (size_t j = 0; j < others; ++j) rest += w[i] * w[j] * products.dd[i * others + j];
    sum += w[i];
  }
  Mixture out{{1 - sum}, 1 - std::max(0.0, rest) / products.bb};
  out.weights.insert(out.weights.end(), w.begin(), w.end());
  return out;
}

}  // namespace wmk::lineage
