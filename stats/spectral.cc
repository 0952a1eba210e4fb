#include "stats/spectral.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "stats/gemm.h"
#include "stats/lapack.h"
#include "stats/vectors.h"

// The build is portable, so Eigen rotates columns one number at a time, which takes half of an
// eigendecomposition. Ours is dispatched at run time and gives the same bits. No other file may
// compute eigenvectors with Eigen: a program has only one of both.
namespace Eigen::internal {

struct DispatchedRotation {
  static void run(double* x, Index x_step, double* y, Index y_step, Index size, double c,
                  double s) {
    if (x_step == 1 && y_step == 1) {
      return wmk::stats::rotate(x, y, static_cast<size_t>(size), c, s);
    }
    for (Index i = 0; i < size; ++i) wmk::stats::rotate(x + i * x_step, y + i * y_step, 1, c, s);
  }
};

template <int Alignment>
struct apply_rotation_in_the_plane_selector<double, double, Dynamic, Alignment, true>
    : DispatchedRotation {};
template <int Alignment>
struct apply_rotation_in_the_plane_selector<double, double, Dynamic, Alignment, false>
    : DispatchedRotation {};

}  // namespace Eigen::internal

namespace wmk::stats {

namespace {

// Column-major: the solver is twice as fast as on rows.
using Matrix = Eigen::MatrixXd;

// Singular values up to this part of the largest do not count for their median: they are those of
// tags that occur twice, and rounding (M M^T squares the values).
constexpr double kSingularFloor = 1e-6;
constexpr double kIsometryFloor = 1e-5;

// Eigendecomposition of M M^T.
Eigen::SelfAdjointEigenSolver<Matrix> decompose_gram(std::span<const double> matrix, size_t rows,
                                                     size_t columns) {
  Matrix gram(rows, rows);
  gemm(Op::plain, Op::transposed, rows, rows, columns, matrix.data(), columns, matrix.data(),
       columns, 0.0, gram.data(), rows);
  return Eigen::SelfAdjointEigenSolver<Matrix>(gram);
}

// U diag(weights) U^T M, U the eigenvectors.
std::vector<double> reweighted(const Matrix& eigenvectors, const Eigen::VectorXd& weights,
                               std::span<const double> matrix, size_t rows, size_t columns) {
  const Matrix scaled = eigenvectors * weights.asDiagonal();
  // A column-major matrix is its transpose in row-major order.
  Matrix mixing(rows, rows);
  gemm(Op::transposed, Op::plain, rows, rows, rows, scaled.data(), rows, eigenvectors.data(), rows,
       0.0, mixing.data(), rows);
  std::vector<double> out(rows * columns);
  gemm(Op::plain, Op::plain, rows, columns, rows, mixing.data(), rows, matrix.data(), columns, 0.0,
       out.data(), columns);
  return out;
}

}  // namespace

std::optional<std::vector<double>> orthonormal_rows(std::span<const double> matrix, size_t rows,
                                                    size_t columns, double condition_max) {
  const auto solver = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd& values = solver.eigenvalues();  // ascending
  if (solver.info() != Eigen::Success || !(values[0] > 0)) return std::nullopt;
  if (values[values.size() - 1] / values[0] > condition_max) return std::nullopt;
  const Eigen::VectorXd weights = values.array().rsqrt();
  return reweighted(solver.eigenvectors(), weights, matrix, rows, columns);
}

std::vector<double> clip_singular_values(std::span<const double> matrix, size_t rows,
                                         size_t columns, double factor) {
  const auto solver = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd singular = solver.eigenvalues().array().max(0.0).sqrt();  // ascending
  // Ascending, so that those above the floor are the last ones; their lower median.
  const double floor = kSingularFloor * singular[singular.size() - 1];
  const auto first = std::upper_bound(singular.begin(), singular.end(), floor);
  const double cap =
      first == singular.end() ? 0 : factor * *(first + (singular.end() - first - 1) / 2);
  const Eigen::VectorXd weights =
      singular.unaryExpr([cap](double s) { return s <= cap || s == 0 ? 1.0 : cap / s; });
  return reweighted(solver.eigenvectors(), weights, matrix, rows, columns);
}

std::vector<double> partial_isometry(std::span<const double> matrix, size_t rows, size_t columns) {
  const auto solver = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd& squares = solver.eigenvalues();  // ascending
  const double floor = kIsometryFloor * kIsometryFloor * squares[squares.size() - 1];
  const Eigen::VectorXd weights =
      squares.unaryExpr([floor](double s) { return s > floor ? 1 / std::sqrt(s) : 0.0; });
  return reweighted(solver.eigenvectors(), weights, matrix, rows, columns);
}

Eigenpairs eigenpairs(std::span<const double> symmetric, size_t n) {
  const auto side = static_cast<Eigen::Index>(n);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(
      Eigen::Map<const Matrix>(symmetric.data(), side, side));
  // A column-major matrix of columns is their transpose in row-major order.
  return {{solver.eigenvalues().data(), solver.eigenvalues().data() + n},
          {solver.eigenvectors().data(), solver.eigenvectors().data() + n * n},
          solver.info() == Eigen::Success};
}

bool is_positive_definite(std::span<const double> symmetric, size_t n) {
  if (dpotrf_ != nullptr) {
    const int size = static_cast<int>(n);
    std::vector<double> factor(symmetric.begin(), symmetric.end());
    int info = 0;
    dpotrf_("L", &size, factor.data(), &size, &info);
    return info == 0;
  }
  const auto side = static_cast<Eigen::Index>(n);
  return Eigen::LLT<Matrix>(Eigen::Map<const Matrix>(symmetric.data(), side, side)).info() ==
         Eigen::Success;
}

std::vector<double> singular_values(std::span<const double> matrix, size_t rows, size_t columns) {
  const auto solver = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd singular = solver.eigenvalues().array().max(0.0).sqrt();  // ascending
  std::vector<double> out(singular.begin(), singular.end());
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace wmk::stats
