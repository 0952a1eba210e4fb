#include "stats/polar.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/row_products.h"
#include "stats/vectors.h"

namespace wmk::stats {

namespace {

// First an odd quintic polynomial, which raises small singular values quickly and keeps all of them
// below 1.3; then the cubic one, which converges to 1.
constexpr int kQuinticSteps = 7, kQuinticStepsNear = 2, kCubicSteps = 4;
constexpr float kA = 3.4445f, kB = -4.7750f, kC = 2.0315f;
// The last step corrects the rounding errors of the lengths in the steps before.
constexpr int kPreciseSteps = 1;

constexpr int kPowerSteps = 12;
constexpr double kRounding = 1.01;  // of a norm in bf16
constexpr double kMargin = 1.05;    // above the estimate, which is from below
constexpr size_t kPart = 1 << 16;   // numbers of one task

// The largest singular value, by power iteration from the sum of all rows.
double largest_singular_value(std::span<const float> x, size_t rows, size_t columns) {
  std::vector<float> right(columns), left(rows);
  for (size_t i = 0; i < rows; ++i) add_scaled(1.0f, &x[i * columns], columns, right.data());
  double value = 0;
  for (int step = 0; step < kPowerSteps; ++step) {
    const double length = std::sqrt(sum_of_squares(right.data(), columns));
    if (!(length > 0)) return value;
    scale(static_cast<float>(1 / length), columns, right.data());
    for (size_t i = 0; i < rows; ++i) {
      left[i] = static_cast<float>(dot(&x[i * columns], right.data(), columns));
    }
    value = std::sqrt(sum_of_squares(left.data(), rows));
    std::fill(right.begin(), right.end(), 0.0f);
    for (size_t i = 0; i < rows; ++i) add_scaled(left[i], &x[i * columns], columns, right.data());
  }
  return value;
}

// Scales X, G = X X^T and G^2 by powers of the same factor, so that a bound of the largest singular
// value becomes 1: it is at most |G^2|^(1/4), and |G^2| may be far below |X|^4. Returns how many
// quintic steps that replaces.
int enlarge(std::vector<float>& x, std::vector<float>& gram, std::vector<float>& square) {
  const double norm = std::sqrt(sum_of_squares(square.data(), square.size()));
  const double factor = 1 / (kRounding * std::pow(norm, 0.25));
  if (!(factor > 1) || !std::isfinite(factor)) return 0;
  scale(static_cast<float>(factor), x.size(), x.data());
  scale(static_cast<float>(std::pow(factor, 2)), gram.size(), gram.data());
  scale(static_cast<float>(std::pow(factor, 4)), square.size(), square.data());
  return std::min(kQuinticSteps - 1, static_cast<int>(std::log(factor) / std::log(kA)));
}

// Calls use(first, count) for parts of `size` numbers, in parallel.
template <class Use>
void for_parts(size_t size, unsigned threads, const Use& use) {
  (void)parallel_for((size + kPart - 1) / kPart, threads, [&](size_t i, unsigned) -> Status {
    use(i * kPart, std::min(kPart, size - i * kPart));
    return {};
  });
}

// x = factor x + more, for all numbers.
void scale_and_add(float factor, std::span<const float> more, unsigned threads,
                   std::vector<float>& x) {
  for_parts(x.size(), threads, [&](size_t first, size_t count) {
    if (factor != 1) scale(factor, count, &x[first]);
    add_scaled(1.0f, &more[first], count, &x[first]);
  });
}

void close_gaps(size_t rows, size_t columns, size_t stride, std::vector<float>& c) {
  for (size_t i = 1; i < rows && stride != columns; ++i) {
    std::copy_n(&c[i * stride], columns, &c[i * columns]);
  }
  c.resize(rows * columns);
}

// A A^T.
void gram_of(std::span<const float> a, size_t rows, size_t columns, TilePrecision precision,
             unsigned threads, std::vector<float>& gram) {
  const RowProducts products(a, rows, columns, precision, threads);
  products.of_itself(a, threads, gram);
  close_gaps(rows, rows, products.stride(), gram);
}

}  // namespace

std::vector<float> polar_factor(std::vector<float> x, size_t rows, size_t columns, unsigned threads,
                                PolarEffort effort) {
  std::vector<float> gram, product;
  const double norm = std::sqrt(sum_of_squares(x.data(), x.size()));
  if (!(norm > 0) || !std::isfinite(norm)) return x;
  const bool is_near = effort == PolarEffort::near;
  const double divisor =
      is_near ? std::min(norm, kMargin * largest_singular_value(x, rows, columns)) : norm;
  scale(static_cast<float>(1 / divisor), x.size(), x.data());
  int quintic_steps = is_near ? kQuinticStepsNear : kQuinticSteps;
  int steps = quintic_steps + kCubicSteps;
  for (int step = 0; step < steps; ++step) {
    const auto precision =
        step < steps - kPreciseSteps ? TilePrecision::one_term : TilePrecision::two_terms;
    gram_of(x, rows, columns, precision, threads, gram);
    // X <- a X + F X: only the change of X is rounded for the tiles. With G = X X^T, F = b G + c
    // G^2 or (I - G) / 2, which is small at the end.
    const bool quintic = step < quintic_steps;
    if (quintic) {
      gram_of(gram, rows, rows, precision, threads, product);
      if (step == 0 && !is_near) {
        const int fewer = enlarge(x, gram, product);
        quintic_steps -= fewer;
        steps -= fewer;
      }
      for_parts(gram.size(), threads, [&](size_t first, size_t count) {
        scale(kB, count, &gram[first]);
        add_scaled(kC, &product[first], count, &gram[first]);
      });
    } else {
      for (size_t i = 0; i < rows; ++i) gram[i * rows + i] -= 1;
      for_parts(gram.size(), threads,
                [&](size_t first, size_t count) { scale(-0.5f, count, &gram[first]); });
    }
    product = std::vector<float>();  // not beside two copies of X
    const auto columns_of_x = RowProducts::from_columns(x, columns, rows, threads);
    columns_of_x.of(gram, rows, threads, product);
    close_gaps(rows, columns, columns_of_x.stride(), product);
    scale_and_add(quintic ? kA : 1, product, threads, x);
  }
  return x;
}

}  // namespace wmk::stats
