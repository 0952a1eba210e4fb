// Where gate, up and down may lie inside the tensors that an anatomy names.
//
// Purpose: halves, alternating or block-wise rows of a fused tensor, and a square matrix that may
// be transposed, have the same shapes; only a config says which it is, and its writer may lie.
// Thread-safety: pure function; reads nothing.
#pragma once

#include <vector>

#include "checkpoint/shapes/variant.h"

namespace wmk::checkpoint {

// `anatomy` with other views of the same tensors: fused tensors as halves, interleaved, or in
// blocks of 2, 4 and 8 ranks of tensor parallelism, which become groups of their own; square
// matrices transposed. Empty where the shapes leave no choice.
std::vector<AnatomyVariant> layout_variants(const Checkpoint& checkpoint, const Anatomy& anatomy);

}  // namespace wmk::checkpoint
