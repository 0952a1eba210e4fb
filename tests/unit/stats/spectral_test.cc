// Spectral functions on matrices with known results.
#include "stats/spectral.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/stats/gaussian.h"

using namespace wmk::stats;

namespace {

double row_product(const std::vector<double>& a, size_t i, const std::vector<double>& b, size_t j,
                   size_t columns) {
  double sum = 0;
  for (size_t k = 0; k < columns; ++k) sum += a[i * columns + k] * b[j * columns + k];
  return sum;
}

// diag(values) times a matrix of orthonormal rows.
std::vector<double> with_singular_values(const std::vector<double>& values, size_t columns) {
  const size_t rows = values.size();
  auto basis =
      orthonormal_rows(wmk::test::gaussian<double>(rows * columns, 9), rows, columns, 1e12);
  REQUIRE(basis);
  for (size_t i = 0; i < basis->size(); ++i) (*basis)[i] *= values[i / columns];
  return *basis;
}

}  // namespace

TEST_CASE("orthonormal rows are orthonormal and span the same space", "[stats]") {
  const size_t rows = 16, columns = 40;
  const std::vector<double> g = wmk::test::gaussian<double>(rows * columns, 1);
  const auto p = orthonormal_rows(g, rows, columns, 1e12);
  REQUIRE(p);
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      CHECK(row_product(*p, i, *p, j, columns) == Approx(i == j ? 1.0 : 0.0).margin(1e-12));
    }
  }
  // (G G^T)^(-1/2) is symmetric, so P G^T = (G G^T)^(1/2) is too.
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < i; ++j) {
      CHECK(row_product(*p, i, g, j, columns) == Approx(row_product(*p, j, g, i, columns)));
    }
  }
}

TEST_CASE("dependent rows have no orthonormal form", "[stats]") {
  std::vector<double> g = wmk::test::gaussian<double>(3 * 8, 2);
  for (size_t k = 0; k < 8; ++k) g[16 + k] = g[k] + g[8 + k];
  CHECK_FALSE(orthonormal_rows(g, 3, 8, 1e12));
  CHECK_FALSE(orthonormal_rows(std::vector<double>(16, 0.0), 2, 8, 1e12));
}

TEST_CASE("large singular values are clipped at 1.5 times the lower median", "[stats]") {
  const std::vector<double> values = {1, 2, 3, 100};  // lower median 2, cap 3
  const size_t columns = 12;
  const std::vector<double> matrix = with_singular_values(values, columns);
  const std::vector<double> clipped = clip_singular_values(matrix, 4, columns, 1.5);
  for (size_t i = 0; i < 4; ++i) {
    const double scale = std::min(1.0, 3.0 / values[i]);
    for (size_t k = 0; k < columns; ++k) {
      CHECK(clipped[i * columns + k] == Approx(scale * matrix[i * columns + k]).margin(1e-9));
    }
  }
}

TEST_CASE("a matrix without outliers is unchanged", "[stats]") {
  const std::vector<double> matrix = with_singular_values({2.0, 2.5, 2.0, 2.9}, 9);
  const std::vector<double> clipped = clip_singular_values(matrix, 4, 9, 1.5);
  for (size_t i = 0; i < matrix.size(); ++i) CHECK(clipped[i] == Approx(matrix[i]).margin(1e-12));
}

TEST_CASE("singular values are in descending order", "[stats]") {
  const auto found = singular_values(with_singular_values({2, 5, 3}, 12), 3, 12);
  REQUIRE(found.size() == 3);
  CHECK(found[0] == Approx(5));
  CHECK(found[1] == Approx(3));
  CHECK(found[2] == Approx(2));
}

TEST_CASE("a partial isometry has singular values of one, and none where there were none",
          "[stats]") {
  const auto isometry = partial_isometry(with_singular_values({2, 1e-9, 3}, 12), 3, 12);
  const auto values = singular_values(isometry, 3, 12);
  CHECK(values[0] == Approx(1));
  CHECK(values[1] == Approx(1));
  CHECK(values[2] == Approx(0).margin(1e-6));
}

TEST_CASE("eigenpairs of a symmetric matrix by hand", "[stats]") {
  const std::vector<double> symmetric = {2, 1, 1, 2};  // 1 along (1, -1), 3 along (1, 1)
  const Eigenpairs pairs = eigenpairs(symmetric, 2);
  CHECK(pairs.values[0] == Approx(1));
  CHECK(pairs.values[1] == Approx(3));
  CHECK(pairs.vectors[0] == Approx(-pairs.vectors[1]));
  CHECK(pairs.vectors[2] == Approx(pairs.vectors[3]));
  CHECK(is_positive_definite(symmetric, 2));
  CHECK_FALSE(is_positive_definite(std::vector<double>{1, 2, 2, 1}, 2));
}
