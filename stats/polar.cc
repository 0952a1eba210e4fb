#include "stats/polar.h"

#include <algorithm>
#include <cmath>

#include "base/transpose.h"
#include "stats/row_products.h"
#include "stats/vectors.h"

namespace wmk::stats {

namespace {

// An odd quintic polynomial that lifts small singular values quickly and keeps all below 1.3, then
// the cubic one, which converges to 1.
constexpr int kQuinticSteps = 7, kCubicSteps = 4;
constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;

// A B^T (m x k, n x k), without gaps between the rows.
std::vector<float> product(std::span<const float> a, size_t m, std::span<const float> b, size_t n,
                           size_t k, unsigned threads) {
  const RowProducts products(b, n, k, TilePrecision::two_terms);
  std::vector<float> c;
  products.of(a, m, threads, c);
  for (size_t i = 1; i < m && products.stride() != n; ++i) {
    std::copy_n(&c[i * products.stride()], n, &c[i * n]);
  }
  c.resize(m * n);
  return c;
}

}  // namespace

std::vector<float> polar_factor(std::span<const float> matrix, size_t rows, size_t columns,
                                unsigned threads) {
  std::vector<float> x(matrix.begin(), matrix.end());
  const double norm = std::sqrt(sum_of_squares(x.data(), x.size()));
  if (!(norm > 0) || !std::isfinite(norm)) return x;
  scale(static_cast<float>(1 / norm), x.size(), x.data());
  for (int step = 0; step < kQuinticSteps + kCubicSteps; ++step) {
    // X <- (a I + b G + c G^2) X with G = X X^T.
    const bool quintic = step < kQuinticSteps;
    auto gram = product(x, rows, x, rows, columns, threads);
    std::vector<float> square;
    if (quintic) square = product(gram, rows, gram, rows, rows, threads);
    for (size_t i = 0; i < gram.size(); ++i) {
      gram[i] = quintic ? kB * gram[i] + kC * square[i] : -0.5f * gram[i];
    }
    for (size_t i = 0; i < rows; ++i) gram[i * rows + i] += quintic ? kA : 1.5f;
    const auto turned = transposed(x, rows, columns);
    x = product(gram, rows, turned, columns, rows, threads);
  }
  return x;
}

}  // namespace wmk::stats
