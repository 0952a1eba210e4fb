// The only file of lab that includes Eigen, whose decompositions are slow to compile. Products use
// stats/gemm.h.
#include "lab/attacks/rotation.h"

#include <Eigen/Core>
#include <Eigen/QR>

#include "stats/gemm.h"

namespace wmk::lab {

Rotation Rotation::make(uint64_t width, Random& random) {
  const auto d = static_cast<Eigen::Index>(width);
  Eigen::MatrixXd gaussian(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = 0; j < d; ++j) gaussian(i, j) = random.gaussian();
  }
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposed(gaussian);
  Eigen::MatrixXd q = decomposed.householderQ();
  // The distribution is uniform only if the diagonal of R is positive.
  for (Eigen::Index j = 0; j < d; ++j) {
    if (decomposed.matrixQR()(j, j) < 0) q.col(j) = -q.col(j);
  }
  Rotation rotation;
  rotation.width_ = width;
  rotation.values_.resize(width * width);
  using RowMajor = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<RowMajor>(rotation.values_.data(), d, d) = q.cast<float>();
  return rotation;
}

void Rotation::rotate_rows(Values& values) const {
  const size_t d = width_, rows = values.size() / d;
  Values rotated(values.size());
  stats::gemm(stats::Op::plain, stats::Op::plain, rows, d, d, values.data(), d, values_.data(), d,
              0, rotated.data(), d);
  values = std::move(rotated);
}

void Rotation::rotate_columns(Values& values) const {
  const size_t d = width_, columns = values.size() / d;
  Values rotated(values.size());
  stats::gemm(stats::Op::transposed, stats::Op::plain, d, columns, d, values_.data(), d,
              values.data(), columns, 0, rotated.data(), columns);
  values = std::move(rotated);
}

}  // namespace wmk::lab
