#include "stats/polar.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::stats {

namespace {

// Rows of a panel: many enough to be worth packing the other side, few enough for all workers.
constexpr size_t kRowsMin = 64, kRowsMax = 512, kPanels = 8;

size_t panel_rows(size_t rows) {
  return std::clamp((rows + kPanels - 1) / kPanels, kRowsMin, kRowsMax);
}

// An odd quintic polynomial that lifts small singular values quickly and keeps all below 1.3, then
// the cubic one, which converges to 1.
constexpr int kQuinticSteps = 7, kCubicSteps = 4;
constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;

// C = A B^T where that is symmetric (n x n): the lower triangle, panel by panel, and its mirror.
void symmetric_product(std::span<const float> a, std::span<const float> b, size_t n, size_t k,
                       unsigned threads, std::span<float> c) {
  const size_t at_once = panel_rows(n), count = (n + at_once - 1) / at_once;
  const auto work = [&](size_t turn, unsigned) -> Status {
    const size_t first = (count - 1 - turn) * at_once;  // the longest first
    const size_t rows = std::min(at_once, n - first);
    gemm(Op::plain, Op::transposed, rows, first + rows, k, &a[first * k], k, b.data(), k, 0.0f,
         &c[first * n], n);
    for (size_t i = first; i < first + rows; ++i) {
      for (size_t j = 0; j < i; ++j) c[j * n + i] = c[i * n + j];
    }
    return {};
  };
  if (auto status = parallel_for(count, threads, work); !status) std::fill(c.begin(), c.end(), 0);
}

}  // namespace

// The rows of A come in panels; which worker takes one changes nothing.
void parallel_product(std::span<const float> a, std::span<const float> b, size_t m, size_t k,
                      size_t n, unsigned threads, std::span<float> c) {
  const size_t at_once = panel_rows(m), count = (m + at_once - 1) / at_once;
  const auto work = [&](size_t panel, unsigned) -> Status {
    const size_t first = panel * at_once;
    const size_t rows = std::min(at_once, m - first);
    gemm(Op::plain, Op::plain, rows, n, k, &a[first * k], k, b.data(), n, 0.0f, &c[first * n], n);
    return {};
  };
  if (auto status = parallel_for(count, threads, work); !status) std::fill(c.begin(), c.end(), 0);
}

std::vector<float> polar_factor(std::span<const float> matrix, size_t rows, size_t columns,
                                unsigned threads) {
  std::vector<float> x(matrix.begin(), matrix.end());
  std::vector<float> gram(rows * rows), square(rows * rows), next(rows * columns);
  const double norm = std::sqrt(sum_of_squares(x.data(), x.size()));
  if (!(norm > 0) || !std::isfinite(norm)) return x;
  scale(static_cast<float>(1 / norm), x.size(), x.data());
  for (int step = 0; step < kQuinticSteps + kCubicSteps; ++step) {
    // X <- (a I + b G + c G^2) X with G = X X^T.
    const bool quintic = step < kQuinticSteps;
    symmetric_product(x, x, rows, columns, threads, gram);
    if (quintic) symmetric_product(gram, gram, rows, rows, threads, square);
    for (size_t i = 0; i < gram.size(); ++i) {
      gram[i] = quintic ? kB * gram[i] + kC * square[i] : -0.5f * gram[i];
    }
    for (size_t i = 0; i < rows; ++i) gram[i * rows + i] += quintic ? kA : 1.5f;
    parallel_product(gram, x, rows, rows, columns, threads, next);
    std::swap(x, next);
  }
  return x;
}

}  // namespace wmk::stats
