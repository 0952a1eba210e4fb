#include "stats/cholesky.h"

#include <cblas.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "stats/lapack.h"

namespace wmk::stats {

namespace {

constexpr double kRidgeMax = 1;  // of the mean of the diagonal; A + that always has factors

void potrf(const int* n, double* a, int* info) { dpotrf_("L", n, a, n, info); }
void potrf(const int* n, float* a, int* info) { spotrf_("L", n, a, n, info); }
bool has_potrf(const double*) { return dpotrf_ != nullptr; }
bool has_potrf(const float*) { return spotrf_ != nullptr; }

// The upper triangle of a row-major matrix is the lower one of a column-major matrix.
template <class T>
bool factor(T* a, size_t n) {
  if (has_potrf(a)) {
    const int side = static_cast<int>(n);
    int info = 0;
    potrf(&side, a, &info);
    return info == 0;
  }
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  const auto side = static_cast<Eigen::Index>(n);
  Eigen::Map<Matrix> mapped(a, side, side);
  const Eigen::LLT<Eigen::Ref<Matrix>, Eigen::Lower> in_place(mapped);
  return in_place.info() == Eigen::Success;
}

template <class T>
double factor_in_place(T* a, size_t n, double part) {
  std::vector<T> diagonal(n);
  double trace = 0;
  for (size_t i = 0; i < n; ++i) {
    diagonal[i] = a[i * n + i];
    trace += static_cast<double>(diagonal[i]);
  }
  const double mean = trace / static_cast<double>(n);
  if (!(mean > 0) || !std::isfinite(mean)) return -1;
  // The lower triangle keeps the matrix while factors are tried.
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < i; ++j) a[i * n + j] = a[j * n + i];
  }
  for (double ridge = part * mean;; ridge *= 10) {
    for (size_t i = 0; i < n; ++i) {
      a[i * n + i] = static_cast<T>(static_cast<double>(diagonal[i]) + ridge);
      for (size_t j = i + 1; j < n; ++j) a[i * n + j] = a[j * n + i];
    }
    if (factor(a, n)) return ridge;
    if (!(ridge < kRidgeMax * mean)) return -1;
  }
}

CBLAS_TRANSPOSE blas_op(bool is) { return is ? CblasTrans : CblasNoTrans; }

}  // namespace

double factor_with_ridge(double* a, size_t n, double part) { return factor_in_place(a, n, part); }
double factor_with_ridge(float* a, size_t n, double part) { return factor_in_place(a, n, part); }

void solve_factored(const double* u, size_t n, size_t columns, double* b) {
  const int side = static_cast<int>(n), count = static_cast<int>(columns);
  for (const bool first : {true, false}) {
    cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, blas_op(first), CblasNonUnit, side, count,
                1.0, u, side, b, count);
  }
}

void solve_factored(const float* u, size_t n, size_t columns, float* b) {
  const int side = static_cast<int>(n), count = static_cast<int>(columns);
  for (const bool first : {true, false}) {
    cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, blas_op(first), CblasNonUnit, side, count,
                1.0f, u, side, b, count);
  }
}

// Entry i is the squared length of column i of U^-T, which is zero above row i.
void inverse_diagonal(const float* u, size_t n, size_t first, size_t count, float* out) {
  const size_t rows = n - first;
  std::vector<float> columns(rows * count);
  for (size_t i = 0; i < count; ++i) columns[i * count + i] = 1;
  cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit,
              static_cast<int>(rows), static_cast<int>(count), 1.0f, &u[first * n + first],
              static_cast<int>(n), columns.data(), static_cast<int>(count));
  std::vector<double> sums(count);
  for (size_t row = 0; row < rows; ++row) {
    for (size_t i = 0; i < count; ++i) {
      const double value = columns[row * count + i];
      sums[i] += value * value;
    }
  }
  std::copy(sums.begin(), sums.end(), out);
}

}  // namespace wmk::stats
