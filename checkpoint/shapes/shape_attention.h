// The matrices of attention by their shapes and places (specs/shapes.md).
//
// Thread-safety: pure function.
#pragma once

#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// Sets Anatomy::attention of an anatomy whose FFNs and norms are from shapes: matrices of the
// residual width that lie between the FFNs of two layers, four of them (queries, keys, values,
// outputs) or two (one of them queries, keys and values). `rank`: the place of each tensor in the
// order of reading.
void add_attention(const Checkpoint& checkpoint, const std::vector<size_t>& rank, Anatomy& anatomy);

}  // namespace wmk::checkpoint
