// From changes of coordinates back to changes of weights: delta = P^T x for integers x.
//
// Purpose: x = T C has integer entries of at most m <= 128 in magnitude, which bf16 holds exactly,
// so the product can be one of bf16. It is computed one
// strip at a time, so that a strip is still in the nearest cache when it is added to the weights.
// Lifetime: refers to the frames and also owns packed copies of them. Thread-safety: immutable;
// a Packed belongs to one worker.
#pragma once

#include <span>
#include <vector>

#include "stats/bf16/gemm.h"

namespace wmk::embed {

class BackProjection {
 public:
  // `frames`: columns x width, row-major; must outlive this object.
  BackProjection(std::span<const float> frames, size_t columns, size_t width);

  // The changes of one panel, columns x units. Unless `precise`, frames are rounded to bf16: the
  // error is 2^-9 of the change, far below the rounding step of every type but f32.
  struct Changes {
    const float* values;
    size_t units;
    size_t stride;  // from one row of values to the next; `units` for all but exact_strip()
    bool by_unit;   // delta is units x width, else width x units
    bool precise;
  };
  struct Packed {
    stats::LeftOperand rows;
    stats::RightOperand columns;
  };

  // Prepares the changes for strip().
  void pack(const Changes& changes, Packed& packed) const;

  // Rows [first, first + count) of delta in single precision, whatever `precise` says.
  static void exact_strip(std::span<const float> frames, size_t width, const Changes& changes,
                          size_t first, size_t count, float* delta);

  static constexpr size_t kStripRows = 64;
  // Computes rows [first, first + count) of delta; `first` is a multiple of kStripRows.
  void strip(const Changes& changes, const Packed& packed, size_t first, size_t count,
             float* delta) const;

 private:
  bool in_bf16(const Changes& changes) const {
    return fits_ && changes.units % stats::kTileSide == 0;
  }

  std::span<const float> frames_;
  size_t columns_, width_;
  bool fits_;
  stats::RightOperand high_, low_;           // columns x width, for rows of units
  stats::LeftOperand high_left_, low_left_;  // width x columns, for columns of units
};

}  // namespace wmk::embed
