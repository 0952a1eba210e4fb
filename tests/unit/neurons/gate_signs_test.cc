// Tables of sign bits find neurons with one gate, at a cost that no gates can raise.
#include "neurons/careful/gate_signs.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace wmk::neurons {
namespace {

// Unit vectors in pairs (2 i, 2 i + 1) of this cosine, as coordinates x count.
std::vector<float> paired(size_t coordinates, size_t pairs, double cosine) {
  std::mt19937 random(17);
  std::normal_distribution<double> normal;
  std::vector<float> y(coordinates * 2 * pairs);
  for (size_t i = 0; i < pairs; ++i) {
    for (size_t c = 0; c < coordinates; ++c) {
      const double a = normal(random), b = normal(random);
      y[c * 2 * pairs + 2 * i] = static_cast<float>(a);
      y[c * 2 * pairs + 2 * i + 1] =
          static_cast<float>(cosine * a + std::sqrt(1 - cosine * cosine) * b);
    }
  }
  return y;
}

std::vector<UnitPair> pairs_of(const std::vector<float>& y, size_t coordinates) {
  const size_t units = y.size() / coordinates;
  GateSigns signs(coordinates);
  signs.append(y, units);
  return likely_pairs(signs, std::vector<uint8_t>(units, 1));
}

}  // namespace

TEST_CASE("tables find 99 % of the pairs of cosine .99, and few others", "[neurons]") {
  for (size_t coordinates : {64, 100, 128, 300}) {
    const size_t pairs = 6000;
    size_t found = 0, others = 0;
    for (const UnitPair& pair : pairs_of(paired(coordinates, pairs, 0.99), coordinates)) {
      const bool right = pair.second == pair.first + 1 && pair.first % 2 == 0;
      (right ? found : others) += 1;
    }
    CAPTURE(coordinates, found, others);
    CHECK(found >= 0.99 * static_cast<double>(pairs));
    CHECK(others < pairs / 20);
  }
}

TEST_CASE("with few coordinates all pairs of a small FFN are compared", "[neurons]") {
  CHECK(pairs_of(paired(16, 100, 0.5), 16).size() == 200 * 199 / 2);
}

TEST_CASE("gates that share every table cost no more than a few comparisons each", "[neurons]") {
  const size_t coordinates = 128, units = 20000;
  std::vector<float> same(coordinates * units, 1.0f);
  const auto pairs = pairs_of(same, coordinates);
  CHECK(pairs.size() <= 8 * units);
  // They are connected: whoever is like all others is one of them.
  Components joined(units);
  size_t joins = 0;
  for (const UnitPair& pair : pairs) joins += joined.join(pair.first, pair.second) ? 1 : 0;
  CHECK(joins == units - 1);
}

TEST_CASE("skipped neurons are in no pair", "[neurons]") {
  const auto y = paired(128, 50, 1.0);
  GateSigns signs(128);
  signs.append(y, 100);
  std::vector<uint8_t> present(100, 1);
  for (size_t i = 0; i < 100; i += 4) present[i] = 0;
  CHECK(likely_pairs(signs, present).size() == 25);
}

}  // namespace wmk::neurons
