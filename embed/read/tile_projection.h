// Projection on the processor's matrix tiles: weights in bf16 as they are stored.
//
// Purpose: the fast path of Projector::project for bf16 checkpoints. The gain is folded into the
// frame, so the weights need no widening, and the frame goes in as bf16 too: coordinates are off by
// 2^-10, which only matters where it could change a sign. Those few are computed once more in
// floats, so that tags are those of an exact frame. Lifetime: a TileFrames is one worker's cache
// for one gain. Thread-safety: one worker each.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/layout/unit_block.h"
#include "stats/tile_gemm.h"

namespace wmk::embed {

// Frames times gain.
struct TileFrames {
  const float* gain = nullptr;  // whose product this holds
  std::vector<float> exact;     // columns x width
  stats::LeftOperand left;      // the same in bf16, for vectors stored as columns
  stats::RightOperand right;    // width x columns, for vectors stored as rows

  // Makes the form that is needed, unless it is there already.
  void prepare(const std::vector<float>& frames, size_t columns, std::span<const float> gain,
               bool on_right);
};

// One worker's room for a panel of weights as the tiles want them.
struct TileScratch {
  TileFrames in_frames, out_frames;
  stats::LeftOperand rows;
  stats::RightOperand columns;
  std::vector<float> product;
};

// The tiles are there, and type, layout and sizes suit them.
bool tiles_fit(const checkpoint::RawBlock& raw, size_t units, size_t columns);

// y (columns x units) = P (w g) and n = ||w g|| / sqrt(d) of vectors [first, first + units).
void project_on_tiles(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                      std::span<const float> gain, const TileFrames& frames, TileScratch& scratch,
                      std::vector<float>& y, std::vector<float>& n);

}  // namespace wmk::embed
