// The strongest attack of colluders: what their copies differ in is cut out of every matrix.
//
// Purpose: the marks of K licensees differ along (K - 1) m directions of each kind of vector, where
// m is the number of tags (specs/mark.md 1). Thread-safety: one caller; starts its own workers.
#pragma once

#include "lab/collusion/copies.h"

namespace wmk::lab {

// Plans to remove, from all vectors of the FFN, their part in the span of the differences of the
// copies: the (K - 1) m strongest directions of each kind, at most as many as the frame has rows.
// Vectors are those that the norm reads or writes: folded with its weights. Errors: reading.
Status cut_out_differences(Model& model, const Copies& copies);

}  // namespace wmk::lab
