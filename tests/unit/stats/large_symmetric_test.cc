// Factors and inverses of symmetric matrices in place.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "stats/gemm.h"
#include "stats/spectral.h"
#include "stats/symmetric_inverse.h"
#include "stats/symmetric_tiles.h"

namespace wmk::stats {
namespace {

// X X^T of n x k numbers.
std::vector<double> gram_of(size_t n, size_t k) {
  std::vector<double> x(n * k), out(n * n);
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(1.7 * static_cast<double>(i * i % 1009));
  gemm(Op::plain, Op::transposed, n, n, k, x.data(), k, x.data(), k, 0.0, out.data(), n);
  return out;
}

std::vector<double> right_side(size_t n, size_t columns) {
  std::vector<double> out(n * columns);
  for (size_t i = 0; i < out.size(); ++i) out[i] = std::cos(static_cast<double>(i));
  return out;
}

std::vector<double> product(const std::vector<double>& a, const std::vector<double>& b, size_t n,
                            size_t columns) {
  std::vector<double> out(n * columns);
  gemm(Op::plain, Op::plain, n, columns, n, a.data(), n, b.data(), columns, 0.0, out.data(),
       columns);
  return out;
}

template <class T>
SymmetricTiles<T> tiles_of(const std::vector<double>& a, size_t n) {
  SymmetricTiles<T> out(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i; j < n; ++j) out.at(i, j) = static_cast<T>(a[i * n + j]);
  }
  return out;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double out = 0;
  for (size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
  return out;
}

}  // namespace

TEST_CASE("factors solve a positive definite system", "[stats]") {
  // One tile; three tiles, the last of them narrower.
  for (const size_t n : {size_t{70}, size_t{600}}) {
    CAPTURE(n);
    const size_t columns = 3;
    const auto a = gram_of(n, 2 * n);
    const auto b = right_side(n, columns);
    auto tiles = tiles_of<double>(a, n);
    const double ridge = tiles.factor(1e-12, 1);
    CHECK(ridge > 0);
    CHECK(ridge < 1e-8);
    auto x = b;
    tiles.solve(columns, x.data());
    CHECK(largest_difference(product(a, x, n, columns), b) < 1e-6);
    // Any number of threads.
    auto threaded = tiles_of<double>(a, n);
    CHECK(threaded.factor(1e-12, 3) == ridge);
    auto y = b;
    threaded.solve(columns, y.data());
    CHECK(x == y);

    auto floats = tiles_of<float>(a, n);
    CHECK(floats.factor(1e-7, 1) > 0);
    std::vector<float> z(b.begin(), b.end());
    floats.solve(columns, z.data());
    const std::vector<double> wide(z.begin(), z.end());
    CHECK(largest_difference(product(a, wide, n, columns), b) < 0.1);
  }
}

TEST_CASE("tiles add up the second moment of rows", "[stats]") {
  const size_t n = 300, rows = 40;
  std::vector<float> values(rows * n);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(static_cast<int>(i * i % 17) - 8);  // sums are exact
  }
  SymmetricTiles<float> tiles(n), threaded(n), lower(n);
  tiles.add_moment(values.data(), rows, 1);
  threaded.add_moment(values.data(), rows, 3);
  std::vector<double> wanted(n * n), column_sums(n);
  for (size_t r = 0; r < rows; ++r) {
    for (size_t i = 0; i < n; ++i) {
      column_sums[i] += values[r * n + i];
      for (size_t j = 0; j < n; ++j) wanted[i * n + j] += values[r * n + i] * values[r * n + j];
    }
  }
  for (size_t i = 0; i < n; ++i) {
    const std::vector<float> row(&wanted[i * n], &wanted[i * n] + i + 1);
    lower.add_lower_row(i, row.data(), row.size());
  }
  size_t different = 0;
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i; j < n; ++j) {
      const auto value = static_cast<float>(wanted[i * n + j]);
      different += tiles.at(i, j) != value || threaded.at(i, j) != value || lower.at(i, j) != value;
    }
  }
  CHECK(different == 0);
  tiles.subtract_square(column_sums, 2);
  CHECK(tiles.at(7, 290) ==
        Approx(wanted[7 * n + 290] - column_sums[7] * column_sums[290] / 2).epsilon(1e-6));
}

TEST_CASE("the diagonal of an inverse comes from one half of its factors", "[stats]") {
  for (const size_t n : {size_t{70}, size_t{600}}) {
    auto tiles = tiles_of<double>(gram_of(n, 3 * n), n);
    REQUIRE(tiles.factor(1e-3, 1) > 0);
    std::vector<double> unit(n * n);
    for (size_t i = 0; i < n; ++i) unit[i * n + i] = 1;
    tiles.solve(n, unit.data());
    const auto diagonal = tiles.inverse_diagonal(2);
    REQUIRE(diagonal.size() == n);
    auto floats = tiles_of<float>(gram_of(n, 3 * n), n);
    REQUIRE(floats.factor(1e-3, 1) > 0);
    const auto rounded = floats.inverse_diagonal(1);
    for (size_t i = 0; i < n; ++i) {
      CHECK(diagonal[i] == Approx(unit[i * n + i]).epsilon(1e-9));
      CHECK(rounded[i] == Approx(unit[i * n + i]).epsilon(1e-4));
    }
  }
}

TEST_CASE("the ridge grows until factors exist", "[stats]") {
  // Factors fail in the first of one tile, and in the third of three.
  for (const auto& [n, rank] : {std::pair<size_t, size_t>{40, 5}, {600, 550}}) {
    CAPTURE(n);
    auto a = gram_of(n, rank);
    for (size_t i = 0; i < n; ++i) a[i * n + i] -= 1e-3;
    double trace = 0;
    for (size_t i = 0; i < n; ++i) trace += a[i * n + i];
    auto tiles = tiles_of<double>(a, n);
    const double ridge = tiles.factor(1e-12, 1);
    CHECK(ridge > 1e-3);
    CHECK(ridge < 1e-2 + 1e-3 * trace);
    // What was tried before has left nothing: the same as at once with that ridge.
    const auto b = right_side(n, 2);
    auto x = b, y = b;
    tiles.solve(2, x.data());
    auto at_once = tiles_of<double>(a, n);
    REQUIRE(at_once.factor(ridge / (trace / static_cast<double>(n)), 1) == Approx(ridge));
    at_once.solve(2, y.data());
    double largest = 0;
    for (const double each : y) largest = std::max(largest, std::abs(each));
    CHECK(largest_difference(x, y) < 1e-6 * largest);
  }
  SymmetricTiles<double> zero(40);
  CHECK(zero.factor(1e-9, 1) < 0);
}

TEST_CASE("the inverse on the largest eigenvectors is that of the decomposition", "[stats]") {
  const size_t n = 60, columns = 4, rank = 17;
  const auto a = gram_of(n, n + 5);
  const auto pairs = eigenpairs(a, n);
  const auto inverse = SymmetricInverse::of(a, n);
  REQUIRE(inverse);
  REQUIRE(inverse->values().size() == n);
  for (size_t i = 0; i < n; ++i) {
    CHECK(inverse->values()[i] == Approx(pairs.values[n - 1 - i]).margin(1e-9));
  }
  const auto b = right_side(n, columns);
  std::vector<double> expected(n * columns);
  for (size_t i = n - rank; i < n; ++i) {
    const double* v = &pairs.vectors[i * n];
    for (size_t c = 0; c < columns; ++c) {
      double dot = 0;
      for (size_t j = 0; j < n; ++j) dot += v[j] * b[j * columns + c];
      for (size_t j = 0; j < n; ++j) expected[j * columns + c] += v[j] * dot / pairs.values[i];
    }
  }
  auto x = b;
  REQUIRE(inverse->apply(rank, columns, x));
  CHECK(largest_difference(x, expected) < 1e-9);
}

TEST_CASE("the inverse leaves out values that are not positive", "[stats]") {
  const size_t n = 30;
  const auto inverse = SymmetricInverse::of(gram_of(n, 4), n);
  REQUIRE(inverse);
  auto x = right_side(n, 2);
  REQUIRE(inverse->apply(4, 2, x));
  for (const double each : x) CHECK(std::isfinite(each));
  const auto none = SymmetricInverse::of(std::vector<double>(n * n), n);
  REQUIRE(none);
  CHECK_FALSE(none->apply(4, 2, x));
}

}  // namespace wmk::stats
