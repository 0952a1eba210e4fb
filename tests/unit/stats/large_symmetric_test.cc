// Factors and inverses of symmetric matrices in place.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "stats/cholesky.h"
#include "stats/gemm.h"
#include "stats/spectral.h"
#include "stats/symmetric_inverse.h"

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

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double out = 0;
  for (size_t i = 0; i < a.size(); ++i) out = std::max(out, std::abs(a[i] - b[i]));
  return out;
}

}  // namespace

TEST_CASE("factors solve a positive definite system", "[stats]") {
  const size_t n = 70, columns = 3;
  const auto a = gram_of(n, 2 * n);
  const auto b = right_side(n, columns);
  auto factors = a;
  auto x = b;
  const double ridge = factor_with_ridge(factors.data(), n, 1e-12);
  CHECK(ridge > 0);
  CHECK(ridge < 1e-8);
  solve_factored(factors.data(), n, columns, x.data());
  CHECK(largest_difference(product(a, x, n, columns), b) < 1e-6);

  std::vector<float> f(a.begin(), a.end()), y(b.begin(), b.end());
  CHECK(factor_with_ridge(f.data(), n, 1e-7) > 0);
  solve_factored(f.data(), n, columns, y.data());
  const std::vector<double> wide(y.begin(), y.end());
  CHECK(largest_difference(product(a, wide, n, columns), b) < 0.1);
}

TEST_CASE("the diagonal of an inverse comes from one half of its factors", "[stats]") {
  const size_t n = 70;
  const auto a = gram_of(n, 3 * n);
  std::vector<float> factors(a.begin(), a.end()), unit(n * n), diagonal(n);
  CHECK(factor_with_ridge(factors.data(), n, 1e-3) > 0);
  for (size_t i = 0; i < n; ++i) unit[i * n + i] = 1;
  solve_factored(factors.data(), n, n, unit.data());
  inverse_diagonal(factors.data(), n, 0, 32, diagonal.data());
  inverse_diagonal(factors.data(), n, 32, n - 32, &diagonal[32]);
  for (size_t i = 0; i < n; ++i) {
    CHECK(diagonal[i] == Approx(unit[i * n + i]).epsilon(1e-4));
  }
}

TEST_CASE("the ridge grows until factors exist", "[stats]") {
  const size_t n = 40;
  auto a = gram_of(n, 5);  // of rank 5
  for (size_t i = 0; i < n; ++i) a[i * n + i] -= 1e-3;
  double trace = 0;
  for (size_t i = 0; i < n; ++i) trace += a[i * n + i];
  const double ridge = factor_with_ridge(a.data(), n, 1e-12);
  CHECK(ridge > 1e-3);
  CHECK(ridge < 1e-2 + 1e-3 * trace);
  std::vector<double> zero(n * n);
  CHECK(factor_with_ridge(zero.data(), n, 1e-9) < 0);
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
