// Counts neurons that are in the same place, and bounds the probability of the count.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "lineage/model/row_cosines.h"
#include "lineage/tower/tower.h"
#include "stats/gemm.h"

namespace wmk::lineage {

double PlaceMatches::log10_p(uint64_t count, uint64_t layers) {
  const auto k = static_cast<double>(count);
  const double natural = k * std::log(static_cast<double>(layers)) - std::lgamma(k + 1);
  return std::min(0.0, natural * std::numbers::log10e);
}

void PlaceMatches::add(const PlaceMatches& other) {
  queries += other.queries;
  layers += other.layers;
  in_place += other.in_place;
  next_place += other.next_place;
}

void find_closest(const std::vector<float>& queries, std::vector<float> rows, uint64_t first,
                  size_t width, std::vector<Closest>& closest) {
  // The closest row by cosine; the length of the query does not matter.
  normalise_rows(rows, width);
  const size_t count = rows.size() / width;
  std::vector<float> products(closest.size() * count);
  stats::gemm(stats::Op::plain, stats::Op::transposed, closest.size(), count, width, queries.data(),
              width, rows.data(), width, 0.0f, products.data(), count);
  for (size_t i = 0; i < closest.size(); ++i) {
    for (size_t j = 0; j < count; ++j) {
      const float product = products[i * count + j];
      if (product > closest[i].product) closest[i] = {product, first + j};
    }
  }
}

PlaceMatches PlaceMatches::of(const std::vector<Closest>& closest,
                              const std::vector<uint64_t>& places, uint64_t units) {
  PlaceMatches out{places.size(), 1, 0, 0};
  for (size_t i = 0; i < places.size(); ++i) {
    out.in_place += closest[i].place == places[i];
    out.next_place += closest[i].place == (places[i] + 1) % units;
  }
  return out;
}

}  // namespace wmk::lineage
