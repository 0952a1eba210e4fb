#include "lineage/tests/place_matches.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/text.h"
#include "lineage/model/row_cosines.h"
#include "stats/gemm.h"

namespace wmk::lineage {

namespace {

constexpr double kNextPlaceLog10Min = -6;

}  // namespace

double PlaceMatches::log10_p(uint64_t count, uint64_t layers) {
  const auto k = static_cast<double>(count);
  const double natural = k * std::log(static_cast<double>(layers)) - std::lgamma(k + 1);
  return std::min(0.0, natural * std::numbers::log10e);
}

double PlaceMatches::log10_p_in_groups(uint64_t count, uint64_t layers) {
  const auto k = static_cast<double>(count), l = static_cast<double>(layers);
  double natural = 0;
  for (double t = 1.0 / 64; t < 8; t += 1.0 / 64) {
    natural = std::min(natural, l * std::expm1(t) - k * std::log1p(t));
  }
  return natural * std::numbers::log10e;
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
  PlaceMatches out{places.size(), 1, 0, 0, false};
  for (size_t i = 0; i < places.size(); ++i) {
    out.in_place += closest[i].place == places[i];
    out.next_place += closest[i].place == (places[i] + 1) % units;
  }
  return out;
}

void set_place_outcome(const PlaceMatches& found, std::string_view name, TestResult& test) {
  test.kind = EvidenceKind::exact;
  test.value = static_cast<double>(found.in_place);
  test.note += cat("; control (", name, ") ", found.next_place);
  test.log10_p = found.log10_p_of(found.in_place);
  test.outcome = Outcome::null;  // until p is corrected (findings.cc)
  if (found.log10_p_of(found.next_place) >= kNextPlaceLog10Min) return;
  const uint64_t rest = found.in_place - std::min(found.in_place, found.next_place);
  test.log10_p = found.log10_p_of(rest);
  if (*test.log10_p < kLog10Hit) {
    test.note += cat(", so that ", rest, " count");
  } else {
    test.outcome = Outcome::control_failed;
    test.note += ", too many beside those of the test: it is dropped";
  }
}

}  // namespace wmk::lineage
