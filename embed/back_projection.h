// From changes of coordinates back to changes of weights: delta = P^T x for whole numbers x.
//
// Purpose: T C is a matrix of whole numbers up to m <= 128, which bf16 holds exactly, so the
// product can run on matrix tiles with the frame split in two; elsewhere it is a float product.
// Lifetime: owns its copies of the frames. Thread-safety: immutable; Scratch is one worker's.
#pragma once

#include <vector>

#include "stats/tile_gemm.h"

namespace wmk::embed {

class BackProjection {
 public:
  // `frames`: columns x width, row-major; must outlive this.
  BackProjection(const std::vector<float>& frames, size_t columns, size_t width);

  struct Scratch {
    stats::LeftOperand rows;
    stats::RightOperand columns;
  };
  // `changes`: columns x units, whole numbers. Fills `delta`: units x width where `by_unit`, else
  // width x units.
  void apply(const std::vector<float>& changes, size_t units, bool by_unit, Scratch& scratch,
             std::vector<float>& delta) const;

 private:
  void apply_on_tiles(const std::vector<float>& changes, size_t units, bool by_unit,
                      Scratch& scratch, std::vector<float>& delta) const;

  const std::vector<float>& frames_;
  size_t columns_, width_;
  bool tiles_;
  stats::RightOperand high_, low_;           // columns x width, for rows of units
  stats::LeftOperand high_left_, low_left_;  // width x columns, for columns of units
};

}  // namespace wmk::embed
