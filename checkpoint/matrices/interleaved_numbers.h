// Bytes in the order in which a GPU kernel reads them.
//
// Purpose: EETQ. Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include "checkpoint/matrices/number_matrix.h"

namespace wmk::checkpoint {

// The kernel reads tiles of this many inputs, and checks that both extents are multiples.
inline constexpr uint64_t kInterleavedTile = 64;

// The matrix [out, in] (multiples of kInterleavedTile) of codes from -128 to 127, as CUTLASS orders
// 8-bit weights for compute capability 7.5 and above (specs/quantised.md 5.3).
Numbers interleaved_numbers(const Tensor& tensor, uint64_t out, uint64_t in);

}  // namespace wmk::checkpoint
