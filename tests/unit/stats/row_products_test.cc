// Products with the rows of one matrix, with and without tiles.
#include "stats/row_products.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

namespace wmk::stats {
namespace {

std::vector<float> unit_rows(size_t rows, size_t width, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> out(rows * width);
  for (size_t i = 0; i < rows; ++i) {
    double squares = 0;
    for (size_t k = 0; k < width; ++k) {
      const float value = out[i * width + k] = normal(engine);
      squares += value * value;
    }
    for (size_t k = 0; k < width; ++k) out[i * width + k] /= static_cast<float>(std::sqrt(squares));
  }
  return out;
}

double exact(const std::vector<float>& a, size_t i, const std::vector<float>& b, size_t j,
             size_t width) {
  double sum = 0;
  for (size_t k = 0; k < width; ++k)
    sum += static_cast<double>(a[i * width + k]) * b[j * width + k];
  return sum;
}

}  // namespace

TEST_CASE("row products are the cosines of all pairs, for any size") {
  struct Sizes {
    size_t m, n, width;
  };
  const auto sizes = GENERATE(Sizes{64, 32, 64}, Sizes{300, 50, 96}, Sizes{1, 1, 32},
                              Sizes{7, 33, 50});  // the last size does not fit tiles
  const auto a = unit_rows(sizes.m, sizes.width, 1), b = unit_rows(sizes.n, sizes.width, 2);
  for (const auto& [precision, error] :
       {std::pair(TilePrecision::one_term, 4e-3), std::pair(TilePrecision::two_terms, 2e-5)}) {
    const RowProducts products(b, sizes.n, sizes.width, precision);
    REQUIRE(products.stride() >= sizes.n);
    std::vector<float> c, again;
    products.of(a, sizes.m, 1, c);
    double worst = 0;
    for (size_t i = 0; i < sizes.m; ++i) {
      for (size_t j = 0; j < sizes.n; ++j) {
        const double difference = c[i * products.stride() + j] - exact(a, i, b, j, sizes.width);
        worst = std::max(worst, std::fabs(difference));
      }
    }
    CHECK(worst < error);
    products.of(a, sizes.m, 3, again);
    CHECK(again == c);
  }
}

TEST_CASE("row products are the same from rows or columns, packed by any number of threads") {
  // Several panels, a last one that is not whole tiles, a width that does not fit tiles.
  for (const auto& [rows, width] : {std::pair<size_t, size_t>{544, 96}, {300, 64}, {64, 50}}) {
    CAPTURE(rows, width);
    const auto a = unit_rows(40, width, 8), b = unit_rows(rows, width, 9);
    std::vector<float> one, other;
    for (const auto precision : {TilePrecision::two_terms, TilePrecision::one_term}) {
      RowProducts(b, rows, width, precision).of(a, 40, 1, one);
      RowProducts(b, rows, width, precision, 3).of(a, 40, 1, other);
      CHECK(one == other);
    }
    std::vector<float> columns(b.size());
    for (size_t i = 0; i < rows; ++i) {
      for (size_t k = 0; k < width; ++k) columns[k * rows + i] = b[i * width + k];
    }
    RowProducts::from_columns(columns, rows, width, 2).of(a, 40, 1, other);
    CHECK(one == other);
  }
}

TEST_CASE("row products of negated rows are the negated products") {
  const auto a = unit_rows(40, 64, 3), b = unit_rows(20, 64, 4);
  auto turned = a;
  for (float& value : turned) value = -value;
  const RowProducts products(b, 20, 64, TilePrecision::one_term);
  std::vector<float> c, d;
  products.of(a, 40, 1, c);
  products.of(turned, 40, 1, d);
  for (float& value : d) value = -value;
  CHECK(c == d);
}

TEST_CASE("row products of a matrix with itself are symmetric") {
  const size_t rows = GENERATE(64, 300, 33), width = GENERATE(96, 50);  // 50 does not fit tiles
  const auto b = unit_rows(rows, width, 5);
  const RowProducts products(b, rows, width, TilePrecision::two_terms);
  std::vector<float> half, again, whole;
  products.of_itself(b, 1, half);
  products.of(b, rows, 1, whole);
  products.of_itself(b, 3, again);
  double worst = 0;
  bool same = true;
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < rows; ++j) {
      const float value = half[i * products.stride() + j];
      same = same && value == half[j * products.stride() + i] &&
             value == again[i * products.stride() + j];
      worst = std::max<double>(worst, std::fabs(value - whole[i * products.stride() + j]));
    }
  }
  CHECK(same);
  CHECK(worst < 2e-5);
}

}  // namespace wmk::stats
