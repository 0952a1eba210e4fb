// The product that sketches add up: tags times coordinates, T y^T, of one panel.
//
// Purpose: a product of bf16 if the shapes fit, else one of floats. A sketch sums
// over thousands of units, so rounding a single one to bf16 does not matter. Thread-safety: belongs
// to one worker.
#pragma once

#include <vector>

#include "stats/bf16/gemm.h"

namespace wmk::embed {

class TagProduct {
 public:
  // y: r x units, row-major; must stay valid during later calls of multiply().
  void set_coordinates(const float* y, size_t r, size_t units);
  // tags: m x units. Sets product: m x r.
  void multiply(const std::vector<float>& tags, size_t m, std::vector<float>& product);

 private:
  const float* y_ = nullptr;
  size_t r_ = 0, units_ = 0;
  bool fits_ = false;
  stats::LeftOperand rows_;
  stats::RightOperand y_turned_;
};

}  // namespace wmk::embed
