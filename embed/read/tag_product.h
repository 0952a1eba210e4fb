// The product a sketch is a sum of: tags times coordinates, T y^T, of one panel.
//
// Purpose: on matrix tiles where the shapes fit them, both in bf16, elsewhere as a float product. A
// sketch sums over thousands of units: what rounding does to one of them drowns. Thread-safety: one
// worker's.
#pragma once

#include <vector>

#include "stats/tile_gemm.h"

namespace wmk::embed {

class TagProduct {
 public:
  // y: r x units, row-major; it must outlive the calls of multiply().
  void set_coordinates(const float* y, size_t r, size_t units);
  // tags: m x units. Fills product: m x r.
  void multiply(const std::vector<float>& tags, size_t m, std::vector<float>& product);

 private:
  const float* y_ = nullptr;
  size_t r_ = 0, units_ = 0;
  bool tiles_ = false;
  stats::LeftOperand rows_;
  stats::RightOperand y_turned_;
};

}  // namespace wmk::embed
