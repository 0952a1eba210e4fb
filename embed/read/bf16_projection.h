// Projection of weights stored in bf16.
//
// Purpose: the fast path of Projector::project. Frames are rounded to bf16, so coordinates are off
// by 2^-10, which only matters where it could change a sign: those few are computed again in single
// precision, so that tags are those of an exact frame. Thread-safety: each object belongs to one
// worker.
#pragma once

#include <span>
#include <vector>

#include "embed/read/stored_product.h"

namespace wmk::embed {

// One worker's frames for the norm weights of both sides, and its buffers.
struct Bf16Scratch {
  FoldedFrames in_frames, out_frames;
  StoredScratch stored;
};

// Computes y (columns x units) = P (w g) and n = ||w g|| / sqrt(d) of vectors
// [first, first + units). Requires fits_bf16().
void project_bf16(const checkpoint::RawBlock& raw, uint64_t first, size_t units,
                  std::span<const float> norm_weight, const FoldedFrames& frames,
                  StoredScratch& scratch, std::vector<float>& y, std::vector<float>& n);

}  // namespace wmk::embed
