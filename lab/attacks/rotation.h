// A random orthogonal matrix and products with it.
//
// Lifetime: owns its numbers. Thread-safety: immutable after make(); products may run
// concurrently.
#pragma once

#include <cstdint>
#include <vector>

#include "lab/model/plan.h"
#include "lab/random.h"

namespace wmk::lab {

class Rotation {
 public:
  // Uniform over all orthogonal matrices of `width` rows: the QR decomposition of Gaussian numbers.
  static Rotation make(uint64_t width, Random& random);

  uint64_t width() const { return width_; }
  float at(uint64_t row, uint64_t column) const { return values_[row * width_ + column]; }

  // [rows, width] values become values * R: for matrices that read the residual stream.
  void rotate_rows(Values& values) const;
  // [width, columns] values become R^T * values: for matrices that write to it.
  void rotate_columns(Values& values) const;

 private:
  uint64_t width_ = 0;
  std::vector<float> values_;  // row-major
};

}  // namespace wmk::lab
