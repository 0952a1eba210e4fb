// From changes of coordinates back to changes of weights: delta = P^T x for whole numbers x.
//
// Purpose: T C is a matrix of whole numbers up to m <= 128, which bf16 holds exactly, so the
// product can run on matrix tiles; elsewhere it is a float product. It is made a strip at a time:
// a strip is still in the nearest cache when it is added to the weights. Lifetime: owns its copies
// of the frames. Thread-safety: immutable; Packed is one worker's.
#pragma once

#include <vector>

#include "stats/tile_gemm.h"

namespace wmk::embed {

class BackProjection {
 public:
  // `frames`: columns x width, row-major; must outlive this.
  BackProjection(const std::vector<float>& frames, size_t columns, size_t width);

  // Of one panel: columns x units, whole numbers. Where `precise` is false frames are taken in
  // bf16: their error, 2^-9 of a change that is smaller than the weight's last bits, drowns in the
  // rounding of every type but f32.
  struct Changes {
    const std::vector<float>& values;
    size_t units;
    bool by_unit;  // delta is units x width, else width x units
    bool precise;
  };
  struct Packed {
    stats::LeftOperand rows;
    stats::RightOperand columns;
  };

  // Lays the changes ready for strip().
  void pack(const Changes& changes, Packed& packed) const;

  static constexpr size_t kStripRows = 64;
  // Rows [first, first + count) of delta; `first` is a multiple of kStripRows.
  void strip(const Changes& changes, const Packed& packed, size_t first, size_t count,
             float* delta) const;

 private:
  bool on_tiles(const Changes& changes) const {
    return tiles_ && changes.units % stats::kTileSide == 0;
  }

  const std::vector<float>& frames_;
  size_t columns_, width_;
  bool tiles_;
  stats::RightOperand high_, low_;           // columns x width, for rows of units
  stats::LeftOperand high_left_, low_left_;  // width x columns, for columns of units
};

}  // namespace wmk::embed
