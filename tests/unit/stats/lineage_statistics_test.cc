// The statistics of the lineage tests, each against its null distribution (specs/lineage.md).
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <set>

#include "stats/assignment.h"
#include "stats/bf16/gemm.h"
#include "stats/polar.h"
#include "stats/signed_sum.h"

namespace wmk::stats {
namespace {

double gaussian(std::mt19937_64& random) { return std::normal_distribution<double>()(random); }

TEST_CASE("the bound of a signed sum by hand") {
  SignedSum sum;
  for (const double x : {3.0, 4.0}) sum.add(x);
  CHECK(sum.z() == Approx(1.4));
  CHECK(sum.log10_p() == Approx(-0.98 / std::log(10)));
  SignedSum negative;
  negative.add(-5);
  CHECK(negative.log10_p() == 0);
  negative.add(std::nan(""));
  CHECK(negative.terms == 1);
}

TEST_CASE("signed sums of random signs have deviation 1 and stay below the bound") {
  std::mt19937_64 random(11);
  std::vector<double> x(300);
  for (double& value : x) value = std::exp(gaussian(random));
  double squares = 0;
  int beyond_two = 0, runs = 4000;
  for (int run = 0; run < runs; ++run) {
    SignedSum sum;
    for (const double value : x) sum.add((random() & 1) ? value : -value);
    squares += sum.z() * sum.z();
    beyond_two += sum.log10_p() < std::log10(std::exp(-2.0));
  }
  CHECK(std::sqrt(squares / runs) == Approx(1).margin(0.05));
  CHECK(static_cast<double>(beyond_two) / runs < std::exp(-2.0));
  CHECK(beyond_two > 0);
}

TEST_CASE("copies that share a sign need the grouped sum") {
  std::mt19937_64 random(12);
  double plain = 0, together = 0;
  const int runs = 2000;
  for (int run = 0; run < runs; ++run) {
    SignedSum ungrouped;
    std::vector<SignedTerm> terms;
    for (uint64_t unit = 0; unit < 40; ++unit) {
      const double sign = (random() & 1) ? 1 : -1;
      for (int copy = 0; copy < 8; ++copy) {
        const double x = sign * (1 + 0.1 * gaussian(random));
        ungrouped.add(x);
        terms.push_back({unit, x});
      }
    }
    plain += ungrouped.z() * ungrouped.z();
    const SignedSum sum = grouped(terms);
    REQUIRE(sum.terms == 40);
    together += sum.z() * sum.z();
  }
  // Without grouping, eight copies make z 2.8 times too large: a false positive.
  CHECK(std::sqrt(plain / runs) > 2);
  CHECK(std::sqrt(together / runs) == Approx(1).margin(0.06));
}

TEST_CASE("the Poisson bound is above the tail, and 1 below the mean") {
  CHECK(log10_poisson_tail(3, 5) == 0);
  // P(K >= 10) = 0.03183 for mean 5.
  CHECK(std::pow(10, log10_poisson_tail(10, 5)) > 0.0318);
  CHECK(std::pow(10, log10_poisson_tail(10, 5)) == Approx(0.1449).margin(1e-3));
}

TEST_CASE("assignment finds the best of all permutations") {
  std::mt19937_64 random(13);
  for (int run = 0; run < 50; ++run) {
    const size_t rows = 5, columns = 5 + static_cast<size_t>(run % 2);
    std::vector<float> score(rows * columns);
    for (float& value : score) value = static_cast<float>(gaussian(random));
    std::vector<size_t> order(columns);
    for (size_t i = 0; i < columns; ++i) order[i] = i;
    double best = -1e9;
    do {
      double sum = 0;
      for (size_t i = 0; i < rows; ++i) sum += score[i * columns + order[i]];
      best = std::max(best, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    double found = 0;
    const auto chosen = assign(score, rows, columns);
    for (size_t i = 0; i < rows; ++i) found += score[i * columns + chosen[i]];
    CHECK(found == Approx(best).epsilon(1e-5));
    CHECK(std::set<size_t>(chosen.begin(), chosen.end()).size() == rows);
  }
}

TEST_CASE("the polar factor has orthonormal rows and undoes a rotation") {
  std::mt19937_64 random(14);
  const size_t n = GENERATE(24, 64);  // the second size fits tiles
  std::vector<float> noise(n * n), scaled(n * n);
  for (float& value : noise) value = static_cast<float>(gaussian(random));
  const auto rotation = polar_factor(noise, n, n, 2);
  double worst = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      double dot = 0;
      for (size_t k = 0; k < n; ++k) dot += rotation[i * n + k] * rotation[j * n + k];
      worst = std::max(worst, std::abs(dot - (i == j)));
    }
  }
  CHECK(worst < 1e-3);
  // diag(1..n) times the rotation: its polar factor is the rotation itself.
  for (size_t i = 0; i < n * n; ++i) scaled[i] = static_cast<float>(1 + i / n) * rotation[i];
  const auto back = polar_factor(scaled, n, n, 1);
  double squares = 0;
  for (size_t i = 0; i < n * n; ++i) squares += std::pow(back[i] - rotation[i], 2);
  const bool tiled = n % kTileDepth == 0;
  CHECK(std::sqrt(squares / n) < (tiled ? 1e-2 : 1e-4));
  CHECK(polar_factor(scaled, n, n, 2) == back);
  // Singular values from a tenth to 1 need fewer steps.
  for (size_t i = 0; i < n * n; ++i) {
    scaled[i] = (0.1f + 0.9f * static_cast<float>(i / n) / static_cast<float>(n)) * rotation[i];
  }
  const auto near = polar_factor(scaled, n, n, 2, PolarEffort::near);
  squares = 0;
  for (size_t i = 0; i < n * n; ++i) squares += std::pow(near[i] - rotation[i], 2);
  CHECK(std::sqrt(squares / n) < (tiled ? 2e-2 : 1e-3));
}

TEST_CASE("the correlation of a constant is 0") {
  CHECK(correlation({1, 2, 3}, {2, 4, 6}) == Approx(1));
  CHECK(correlation({1, 1, 1}, {2, 4, 6}) == 0);
}

}  // namespace
}  // namespace wmk::stats
