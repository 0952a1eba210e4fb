// Boxes of a tensor of any rank as pieces of its matrix.
//
// Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "checkpoint/joined/pieces.h"

namespace wmk::checkpoint {

// Adds the box that begins at `offsets` and whose extents are those of `stored`, which holds it row
// by row. Error: other numbers of dimensions, a box that reaches out of the tensor, too many
// pieces.
Status add_box(Whole& whole, const std::vector<uint64_t>& offsets, Tensor&& stored);

}  // namespace wmk::checkpoint
