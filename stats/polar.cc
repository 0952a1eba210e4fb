#include "stats/polar.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/gemm.h"
#include "stats/vectors.h"

namespace wmk::stats {

namespace {

constexpr size_t kRowsATime = 64;
// An odd quintic polynomial that lifts small singular values quickly and keeps all below 1.3, then
// the cubic one, which converges to 1.
constexpr int kQuinticSteps = 8, kCubicSteps = 4;
constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;

enum class Side { plain, transposed };

// The rows of A come in panels; which worker takes one changes nothing.
void panels(std::span<const float> a, std::span<const float> b, Side side, size_t m, size_t k,
            size_t n, unsigned threads, std::span<float> c) {
  const size_t count = (m + kRowsATime - 1) / kRowsATime;
  const auto work = [&](size_t panel, unsigned) -> Status {
    const size_t first = panel * kRowsATime;
    const size_t rows = std::min(kRowsATime, m - first);
    gemm(Op::plain, side == Side::plain ? Op::plain : Op::transposed, rows, n, k, &a[first * k], k,
         b.data(), side == Side::plain ? n : k, 0.0f, &c[first * n], n);
    return {};
  };
  if (auto status = parallel_for(count, threads, work); !status) std::fill(c.begin(), c.end(), 0);
}

}  // namespace

void parallel_product(std::span<const float> a, std::span<const float> b, size_t m, size_t k,
                      size_t n, unsigned threads, std::span<float> c) {
  panels(a, b, Side::plain, m, k, n, threads, c);
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
    panels(x, x, Side::transposed, rows, columns, rows, threads, gram);
    if (quintic) panels(gram, gram, Side::plain, rows, rows, rows, threads, square);
    for (size_t i = 0; i < gram.size(); ++i) {
      gram[i] = quintic ? kB * gram[i] + kC * square[i] : -0.5f * gram[i];
    }
    for (size_t i = 0; i < rows; ++i) gram[i * rows + i] += quintic ? kA : 1.5f;
    panels(gram, x, Side::plain, rows, rows, columns, threads, next);
    std::swap(x, next);
  }
  return x;
}

}  // namespace wmk::stats
