#include "stats/symmetric_inverse.h"

#include <algorithm>
#include <cmath>

#include "stats/gemm.h"
#include "stats/lapack.h"
#include "stats/spectral.h"

namespace wmk::stats {

namespace {

constexpr size_t kVectorBytesMax = 400u << 20;
constexpr double kRidgePart = 1e-9;
constexpr int kBlock = 64;  // reflectors that are applied together

bool has_lapack() {
  return dsytrd_ != nullptr && dormtr_ != nullptr && dsterf_ != nullptr && dstemr_ != nullptr;
}

}  // namespace

std::optional<SymmetricInverse> SymmetricInverse::of(std::vector<double> matrix, size_t n) {
  SymmetricInverse out(n);
  out.matrix_ = std::move(matrix);
  if (!(has_lapack() ? out.reduce() : out.decompose())) return std::nullopt;
  return out;
}

bool SymmetricInverse::reduce() {
  const int n = static_cast<int>(n_), work_size = std::max(1, n * kBlock);
  diagonal_.resize(n_);
  beside_.resize(n_);
  tau_.resize(n_);
  std::vector<double> work(static_cast<size_t>(work_size));
  int info = 0;
  dsytrd_("L", &n, matrix_.data(), &n, diagonal_.data(), beside_.data(), tau_.data(), work.data(),
          &work_size, &info);
  if (info != 0) return false;
  values_ = diagonal_;
  std::vector<double> copy = beside_;
  dsterf_(&n, values_.data(), copy.data(), &info);
  std::reverse(values_.begin(), values_.end());
  return info == 0;
}

bool SymmetricInverse::decompose() {
  Eigenpairs pairs = eigenpairs(matrix_, n_);
  if (!pairs.are_found) return false;
  values_ = std::move(pairs.values);
  std::reverse(values_.begin(), values_.end());
  matrix_ = std::move(pairs.vectors);
  return true;
}

// Row-major B is B^T to LAPACK, so Q^T B is the transpose of B^T Q.
bool SymmetricInverse::multiply_by_q(bool transposed, size_t columns,
                                     std::vector<double>& b) const {
  const int n = static_cast<int>(n_), count = static_cast<int>(columns);
  const int work_size = std::max(1, count * kBlock);
  std::vector<double> work(static_cast<size_t>(work_size));
  int info = 0;
  dormtr_("R", "L", transposed ? "N" : "T", &count, &n, matrix_.data(), &n, tau_.data(), b.data(),
          &count, work.data(), &work_size, &info);
  return info == 0;
}

// The eigenvectors of T of the largest values, as rows, in ascending order.
bool SymmetricInverse::top_vectors(size_t rank, std::vector<double>& vectors) const {
  const int n = static_cast<int>(n_), last = n, first = n - static_cast<int>(rank) + 1;
  const int count = static_cast<int>(rank), work_size = 18 * n, integers = 10 * n;
  std::vector<double> d = diagonal_, e = beside_, w(n_), work(static_cast<size_t>(work_size));
  std::vector<int> support(2 * rank), integer_work(static_cast<size_t>(integers));
  vectors.resize(rank * n_);
  int found = 0, info = 0, try_accurate = 1;
  const double unused = 0;
  dstemr_("V", "I", &n, d.data(), e.data(), &unused, &unused, &first, &last, &found, w.data(),
          vectors.data(), &n, &count, support.data(), &try_accurate, work.data(), &work_size,
          integer_work.data(), &integers, &info);
  return info == 0 && found == count;
}

// (T + ridge)^-1 by elimination, all columns at once.
void SymmetricInverse::solve_tridiagonal(size_t columns, std::vector<double>& b) const {
  // Rounding makes values of zero negative; the ridge must be above it.
  const double ridge = std::max(kRidgePart * values_.front(), -2 * values_.back());
  std::vector<double> pivot(n_);
  for (size_t i = 0; i < n_; ++i) {
    pivot[i] = diagonal_[i] + ridge;
    if (i == 0) continue;
    const double factor = beside_[i - 1] / pivot[i - 1];
    pivot[i] -= factor * beside_[i - 1];
    for (size_t c = 0; c < columns; ++c) b[i * columns + c] -= factor * b[(i - 1) * columns + c];
  }
  for (size_t i = n_; i-- > 0;) {
    for (size_t c = 0; c < columns; ++c) {
      double& x = b[i * columns + c];
      if (i + 1 < n_) x -= beside_[i] * b[(i + 1) * columns + c];
      x /= pivot[i];
    }
  }
}

bool SymmetricInverse::apply(size_t rank, size_t columns, std::vector<double>& b) const {
  const auto positive = static_cast<size_t>(
      std::count_if(values_.begin(), values_.end(), [](double value) { return value > 0; }));
  rank = std::min(rank, positive);
  if (rank == 0) return false;
  const bool reduced = !tau_.empty();
  if (reduced && !multiply_by_q(true, columns, b)) return false;
  if (reduced && rank * n_ * sizeof(double) > kVectorBytesMax) {
    solve_tridiagonal(columns, b);
    return multiply_by_q(false, columns, b);
  }
  std::vector<double> own;
  if (reduced && !top_vectors(rank, own)) return false;
  const double* vectors = reduced ? own.data() : &matrix_[(n_ - rank) * n_];
  std::vector<double> parts(rank * columns);
  gemm(Op::plain, Op::plain, rank, columns, n_, vectors, n_, b.data(), columns, 0.0, parts.data(),
       columns);
  for (size_t i = 0; i < rank; ++i) {
    const double value = values_[rank - 1 - i];
    for (size_t c = 0; c < columns; ++c) parts[i * columns + c] /= value;
  }
  gemm(Op::transposed, Op::plain, n_, columns, rank, vectors, n_, parts.data(), columns, 0.0,
       b.data(), columns);
  return !reduced || multiply_by_q(false, columns, b);
}

}  // namespace wmk::stats
