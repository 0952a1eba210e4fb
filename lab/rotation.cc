// Eigen stands in this file only: its decompositions are slow to compile.
#include "lab/rotation.h"

#include <Eigen/Core>
#include <Eigen/QR>

namespace wmk::lab {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using View = Eigen::Map<Matrix>;
using ConstView = Eigen::Map<const Matrix>;

Eigen::Index index(uint64_t count) { return static_cast<Eigen::Index>(count); }

}  // namespace

Rotation Rotation::make(uint64_t width, Random& random) {
  const Eigen::Index d = index(width);
  Eigen::MatrixXd gaussian(d, d);
  for (Eigen::Index i = 0; i < d; ++i) {
    for (Eigen::Index j = 0; j < d; ++j) gaussian(i, j) = random.gaussian();
  }
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposed(gaussian);
  Eigen::MatrixXd q = decomposed.householderQ();
  // Signs of the diagonal made positive: only then the distribution is uniform.
  for (Eigen::Index j = 0; j < d; ++j) {
    if (decomposed.matrixQR()(j, j) < 0) q.col(j) = -q.col(j);
  }
  Rotation rotation;
  rotation.width_ = width;
  rotation.values_.resize(width * width);
  View(rotation.values_.data(), d, d) = q.cast<float>();
  return rotation;
}

void Rotation::turn_rows(Values& values) const {
  const Eigen::Index d = index(width_);
  Matrix turned(index(values.size()) / d, d);
  turned.noalias() = ConstView(values.data(), turned.rows(), d) * ConstView(values_.data(), d, d);
  View(values.data(), turned.rows(), d) = turned;
}

void Rotation::turn_columns(Values& values) const {
  const Eigen::Index d = index(width_);
  Matrix turned(d, index(values.size()) / d);
  turned.noalias() =
      ConstView(values_.data(), d, d).transpose() * ConstView(values.data(), d, turned.cols());
  View(values.data(), d, turned.cols()) = turned;
}

}  // namespace wmk::lab
