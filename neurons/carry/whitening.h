// Makes the numbers of rows comparable: each direction of their distribution has variance 1.
//
// Lifetime: owns its matrices. Thread-safety: immutable.
#pragma once

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

class Whitening {
 public:
  // By the mean and covariance of these rows; directions with less than 1e-4 of the largest
  // variance are left out.
  explicit Whitening(const Rows& rows);
  Rows of(const Rows& rows) const;

 private:
  size_t width_ = 0;
  std::vector<double> mean_, directions_;  // directions: count x width_
};

}  // namespace wmk::neurons
