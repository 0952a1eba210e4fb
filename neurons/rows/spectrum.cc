// Subspace iteration, and a block Krylov space from where it ended (R. B. Lehoucq, D. C. Sorensen,
// C. Yang, ARPACK Users' Guide, 1998, chapter 4; G. H. Golub, C. F. Van Loan, Matrix Computations,
// 4th edition, 10.3.6). A step reads the rows once.
#include "neurons/rows/spectrum.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/parallel.h"
#include "neurons/rows/fixed_signs.h"
#include "stats/gemm.h"
#include "stats/spectral.h"

namespace wmk::neurons {

using stats::Op;

namespace {

constexpr size_t kBlock = 32;        // vectors of one step
constexpr int kIterations = 3;       // of the subspace
constexpr size_t kBlocks = 3;        // of the Krylov space
constexpr size_t kRowsOfSum = 1024;  // have a sum of their own: the same for any number of threads
constexpr size_t kRowsAtOnce = 512;
constexpr double kConditionMax = 1e14;

// The sum of what `add` adds for parts of the rows, each of which has a sum of its own.
template <class T, class Add>
std::vector<T> sum_over(size_t rows, size_t size, unsigned threads, const Add& add) {
  std::vector<std::vector<float>> sums((rows + kRowsOfSum - 1) / kRowsOfSum);
  (void)parallel_for(sums.size(), threads, [&](size_t s, unsigned) -> Status {
    sums[s].resize(size);
    const size_t first = s * kRowsOfSum;
    add(first, std::min(kRowsOfSum, rows - first), sums[s].data());
    return {};
  });
  std::vector<T> out(size);
  for (const std::vector<float>& sum : sums) {
    for (size_t i = 0; i < size; ++i) out[i] += sum[i];
  }
  return out;
}

// X M for M = R^T R, X being k x d.
std::vector<float> times_moment(const Rows& rows, const std::vector<float>& x, unsigned threads) {
  const size_t d = rows.width, k = x.size() / d;
  const auto add = [&](size_t begin, size_t length, float* sum) {
    std::vector<float> products(kRowsAtOnce * k);
    for (size_t first = begin; first < begin + length; first += kRowsAtOnce) {
      const size_t count = std::min(kRowsAtOnce, begin + length - first);
      stats::gemm(Op::plain, Op::transposed, count, k, d, rows.row(first), d, x.data(), d, 0.0f,
                  products.data(), k);
      stats::gemm(Op::transposed, Op::plain, k, d, count, products.data(), k, rows.row(first), d,
                  1.0f, sum, d);
    }
  };
  return sum_over<float>(rows.count, k * d, threads, add);
}

// Y less its projection on the rows of the basis, twice, as one projection leaves rounding errors.
void make_orthogonal(const std::vector<float>& basis, size_t d, std::vector<float>& y) {
  const size_t rows = basis.size() / d, k = y.size() / d;
  std::vector<float> parts(k * rows), projected(k * d);
  for (int time = 0; time < 2; ++time) {
    stats::gemm(Op::plain, Op::transposed, k, rows, d, y.data(), d, basis.data(), d, 0.0f,
                parts.data(), rows);
    stats::gemm(Op::plain, Op::plain, k, d, rows, parts.data(), rows, basis.data(), d, 0.0f,
                projected.data(), d);
    for (size_t i = 0; i < y.size(); ++i) y[i] -= projected[i];
  }
}

std::optional<std::vector<float>> orthonormal(const std::vector<float>& y, size_t d) {
  const auto found = stats::orthonormal_rows(std::vector<double>(y.begin(), y.end()), y.size() / d,
                                             d, kConditionMax);
  if (!found) return std::nullopt;
  return std::vector<float>(found->begin(), found->end());
}

// Orthonormal rows in whose span the largest eigenvectors of the second moment nearly lie.
std::optional<std::vector<float>> dominant_space(const Rows& rows, unsigned threads) {
  const size_t d = rows.width, k = std::min({kBlock, d, rows.count});
  auto block = orthonormal(fixed_signs(k * d, "spectrum"), d);
  for (int i = 0; block && i < kIterations; ++i) {
    block = orthonormal(times_moment(rows, *block, threads), d);
  }
  if (!block) return std::nullopt;
  std::vector<float> basis = *block;
  for (size_t b = 1; b < kBlocks && (b + 1) * k <= std::min(d, rows.count); ++b) {
    std::vector<float> next = times_moment(rows, *block, threads);
    make_orthogonal(basis, d, next);
    block = orthonormal(next, d);
    if (!block) break;  // the space is invariant: it has these eigenvectors
    basis.insert(basis.end(), block->begin(), block->end());
  }
  return basis;
}

// B M B^T for a basis B.
std::vector<double> moment_in(const std::vector<float>& basis, const Rows& rows, unsigned threads) {
  const size_t d = rows.width, k = basis.size() / d;
  const auto add = [&](size_t first, size_t count, float* sum) {
    std::vector<float> products(count * k);
    stats::gemm(Op::plain, Op::transposed, count, k, d, rows.row(first), d, basis.data(), d, 0.0f,
                products.data(), k);
    stats::gemm(Op::transposed, Op::plain, k, k, count, products.data(), k, products.data(), k,
                0.0f, sum, k);
  };
  return sum_over<double>(rows.count, k * k, threads, add);
}

}  // namespace

std::vector<double> spectrum_of(const Rows& rows, unsigned threads) {
  std::vector<double> out(kSpectrum, 0.0);
  if (rows.count == 0) return out;
  const auto basis = dominant_space(rows, threads);
  if (!basis) return out;
  const size_t k = basis->size() / rows.width, used = std::min(kSpectrum, k);
  const auto values = stats::eigenpairs(moment_in(*basis, rows, threads), k).values;
  double squares = 0;
  for (size_t i = 0; i < used; ++i) {
    out[i] = values[k - 1 - i] - values[k - used];
    squares += out[i] * out[i];
  }
  for (double& value : out) value /= squares > 0 ? std::sqrt(squares) : 1;
  return out;
}

}  // namespace wmk::neurons
