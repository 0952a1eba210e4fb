// Projection on the processor's matrix tiles, for weights stored in bf16.
//
// Purpose: the fast path of Projector::project for bf16 checkpoints. The norm weight is folded into
// the frame, so the weights need no widening, and the frame is rounded to bf16 as well. Coordinates
// are then off by 2^-10, which only matters where it could change a sign: those few are computed
// again in single precision, so that tags are those of an exact frame. Lifetime: a TileFrames is
// one worker's cache for one norm weight. Thread-safety: each object belongs to one worker.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/layout/unit_block.h"
#include "stats/tile_gemm.h"

namespace wmk::embed {

// Frames times a norm weight.
struct TileFrames {
  const float* norm_weight = nullptr;  // the one whose product this holds
  std::vector<float> exact;            // columns x width
  stats::LeftOperand left;             // the same in bf16, for vectors stored as columns
  stats::RightOperand right;           // width x columns, for vectors stored as rows

  // Computes the required form unless it is cached; `on_right`: for vectors stored as rows.
  void prepare(const std::vector<float>& frames, size_t columns, std::span<const float> norm_weight,
               bool on_right);
};

// One worker's buffers for a panel of weights in the layout of the tiles.
struct TileScratch {
  TileFrames in_frames, out_frames;
  stats::LeftOperand rows;
  stats::RightOperand columns;
  std::vector<float> product;
};

// Whether the processor has tiles, and type, layout and sizes fit them.
bool tiles_fit(const checkpoint::RawBlock& raw, size_t units, size_t columns);

// Computes y (columns x units) = P (w g) and n = ||w g|| / sqrt(d) of vectors
// [first, first + units).
void project_on_tiles(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                      std::span<const float> norm_weight, const TileFrames& frames,
                      TileScratch& scratch, std::vector<float>& y, std::vector<float>& n);

}  // namespace wmk::embed
