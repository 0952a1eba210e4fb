#include "stats/solve.h"

#include <Eigen/Cholesky>

namespace wmk::stats {

std::vector<double> solve_positive(std::span<const double> matrix, std::span<const double> y) {
  const auto n = static_cast<Eigen::Index>(y.size());
  const Eigen::Map<const Eigen::MatrixXd> m(matrix.data(), n, n);
  std::vector<double> x(y.size());
  Eigen::Map<Eigen::VectorXd>(x.data(), n) =
      m.ldlt().solve(Eigen::Map<const Eigen::VectorXd>(y.data(), n));
  return x;
}

}  // namespace wmk::stats
