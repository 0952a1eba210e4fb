// Vectors of heads projected onto frames, block by block.
//
// Purpose: y = F (w g) and ||w g||^2 of stored vectors of any type. Weights in bf16 are multiplied
// as stored, by frames in two terms, which is as exact as single precision, or in one where that
// will do: the same bits on every kernel but amx. Thread-safety: buffers belong to one worker.
#pragma once

#include <span>
#include <vector>

#include "embed/read/stored_product.h"
#include "embed/read/vector_memo.h"

namespace wmk::embed {

// Frames as operands for weights in bf16: the first rows in one term, the others in two.
struct OperandFrames {
  FoldedFrames rounded, exact;
};

// What vectors are projected onto, columns x coordinates. `folded`: where these frames are cached
// for weights in bf16, or null if they do not last.
struct Onto {
  std::span<const float> frames;
  size_t columns, coordinates;
  std::span<const float> norm_weight;  // empty: 1
  OperandFrames* folded = nullptr;
  size_t rounded = 0;        // so many of the first rows may be rounded to bf16
  bool square_norms = true;  // computed, too
};

struct ProjectionBuffers {
  std::vector<float> weights, ones;
  StoredScratch stored;
};

// The vectors of this block are number `first` and those after it in `out`.
void project_vectors(const checkpoint::RawBlock& raw, const Onto& onto, size_t first,
                     ProjectionBuffers& buffers, ProjectedVectors& out);

}  // namespace wmk::embed
