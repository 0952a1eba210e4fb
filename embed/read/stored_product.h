// Products of frames with weights that are stored in bf16, without widening them.
//
// Purpose: y = F (w g) and ||w g||^2 for many stored vectors w. The norm weight g is folded into
// the frames, which are rounded to bf16 or split into two. Lifetime: FoldedFrames is a cache for
// one norm weight. Thread-safety: each object belongs to one worker.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/layout/unit_block.h"
#include "stats/bf16/gemm.h"
#include "stats/bf16/pack.h"

namespace wmk::embed {

// Frames times a norm weight.
class FoldedFrames {
 public:
  // Computes the form that vectors stored as rows (`by_unit`) or as columns need, unless it is
  // cached. `frames`: columns x width; `norm_weight`: width numbers, which stay valid, or none.
  void fold(std::span<const float> frames, size_t columns, size_t width,
            std::span<const float> norm_weight, bool by_unit, stats::TilePrecision precision);

  size_t columns() const { return high_left_.m(); }
  // Folded, in single precision: columns x width.
  const std::vector<float>& exact() const { return exact_; }
  size_t terms() const { return low_left_.m() > 0 ? 2 : 1; }
  const stats::LeftOperand& left(size_t term) const { return term == 0 ? high_left_ : low_left_; }
  const stats::RightOperand& right(size_t term) const { return term == 0 ? high_ : low_; }

 private:
  const float* frames_ = nullptr;       // what this holds
  const float* norm_weight_ = nullptr;  // times this
  std::vector<float> exact_;
  stats::LeftOperand high_left_, low_left_;  // for vectors stored as columns
  stats::RightOperand high_, low_;           // width x columns, for vectors stored as rows
};

// A panel of weights in the layout of operands, and a buffer.
struct StoredScratch {
  bool by_unit = true;          // which of the operands holds the panel
  stats::LeftOperand rows;      // units x width
  stats::RightOperand columns;  // width x units
  std::vector<float> product;
};

// Whether type, layout and sizes fit.
bool fits_bf16(const checkpoint::RawBlock& raw, size_t units, size_t columns);

// Packs vectors [first, first + units) of the block. squares[u], unless it is null: of a vector
// times the norm weight.
void pack_stored(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                 std::span<const float> norm_weight, StoredScratch& scratch, float* squares);
// Of the packed vectors: y[c * stride + u].
void multiply_packed(const FoldedFrames& frames, StoredScratch& scratch, float* y, size_t stride);

}  // namespace wmk::embed
