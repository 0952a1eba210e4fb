#include "stats/spectral.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "stats/gemm.h"
#include "stats/lapack.h"

namespace wmk::stats {

namespace {

// Column-major, as LAPACK has them.
using Matrix = Eigen::MatrixXd;

// Singular values up to this part of the largest do not count for their median: they are those of
// tags that occur twice, and rounding (M M^T squares the values).
constexpr double kSingularFloor = 1e-6;
constexpr double kIsometryFloor = 1e-5;

enum class Wanted { values, vectors };

// Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as columns, or zeros.
struct Decomposition {
  Eigen::VectorXd values;
  Matrix vectors;
  bool is_found = false;

  explicit Decomposition(Matrix matrix, Wanted wanted = Wanted::vectors)
      : values(Eigen::VectorXd::Zero(matrix.rows())), vectors(std::move(matrix)) {
    is_found = vectors.allFinite() && (dsyevd_ != nullptr ? by_lapack(wanted) : by_eigen());
    if (is_found) return;
    values.setZero();
    vectors.setZero();
  }

 private:
  // Divide and conquer: four times as fast as Eigen for 512 rows.
  bool by_lapack(Wanted wanted) {
    const int n = static_cast<int>(vectors.rows());
    const char* const job = wanted == Wanted::vectors ? "V" : "N";
    int info = 0, integers = 0, asked = -1;
    double numbers = 0;
    dsyevd_(job, "L", &n, vectors.data(), &n, values.data(), &numbers, &asked, &integers, &asked,
            &info);
    if (info != 0) return false;
    const int work_size = static_cast<int>(numbers);
    std::vector<double> work(static_cast<size_t>(work_size));
    std::vector<int> integer_work(static_cast<size_t>(integers));
    dsyevd_(job, "L", &n, vectors.data(), &n, values.data(), work.data(), &work_size,
            integer_work.data(), &integers, &info);
    return info == 0;
  }
  bool by_eigen() {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(vectors);
    values = solver.eigenvalues();
    vectors = solver.eigenvectors();
    return solver.info() == Eigen::Success;
  }
};

// Of M M^T.
Decomposition decompose_gram(std::span<const double> matrix, size_t rows, size_t columns,
                             Wanted wanted = Wanted::vectors) {
  Matrix gram(rows, rows);
  gemm(Op::plain, Op::transposed, rows, rows, columns, matrix.data(), columns, matrix.data(),
       columns, 0.0, gram.data(), rows);
  return Decomposition(std::move(gram), wanted);
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
  const Decomposition gram = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd& values = gram.values;
  if (!gram.is_found || !(values[0] > 0)) return std::nullopt;
  if (values[values.size() - 1] / values[0] > condition_max) return std::nullopt;
  const Eigen::VectorXd weights = values.array().rsqrt();
  return reweighted(gram.vectors, weights, matrix, rows, columns);
}

std::vector<double> clip_singular_values(std::span<const double> matrix, size_t rows,
                                         size_t columns, double factor) {
  const Decomposition gram = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd singular = gram.values.array().max(0.0).sqrt();
  // Ascending, so that those above the floor are the last ones; their lower median.
  const double floor = kSingularFloor * singular[singular.size() - 1];
  const auto first = std::upper_bound(singular.begin(), singular.end(), floor);
  const double cap =
      first == singular.end() ? 0 : factor * *(first + (singular.end() - first - 1) / 2);
  const Eigen::VectorXd weights =
      singular.unaryExpr([cap](double s) { return s <= cap || s == 0 ? 1.0 : cap / s; });
  return reweighted(gram.vectors, weights, matrix, rows, columns);
}

std::vector<double> partial_isometry(std::span<const double> matrix, size_t rows, size_t columns) {
  const Decomposition gram = decompose_gram(matrix, rows, columns);
  const Eigen::VectorXd& squares = gram.values;
  const double floor = kIsometryFloor * kIsometryFloor * squares[squares.size() - 1];
  const Eigen::VectorXd weights =
      squares.unaryExpr([floor](double s) { return s > floor ? 1 / std::sqrt(s) : 0.0; });
  return reweighted(gram.vectors, weights, matrix, rows, columns);
}

Eigenpairs eigenpairs(std::span<const double> symmetric, size_t n) {
  const auto side = static_cast<Eigen::Index>(n);
  const Decomposition found(Eigen::Map<const Matrix>(symmetric.data(), side, side));
  // A column-major matrix of columns is their transpose in row-major order.
  return {{found.values.data(), found.values.data() + n},
          {found.vectors.data(), found.vectors.data() + n * n},
          found.is_found};
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
  const Decomposition gram = decompose_gram(matrix, rows, columns, Wanted::values);
  const Eigen::VectorXd singular = gram.values.array().max(0.0).sqrt();
  std::vector<double> out(singular.begin(), singular.end());
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace wmk::stats
