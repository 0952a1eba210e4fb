// Sparse matrices of compressed-tensors: "P.compressed", "P.bitmask", "P.shape" and, unless the
// rows are equally long, "P.row_offsets" (specs/quantised.md 14).
//
// Purpose: shared by matrices that are only sparse and by those that have scales as well.
// Lifetime: see QuantisedGroup. Thread-safety: pure functions.
#pragma once

#include "checkpoint/quantised/group.h"

namespace wmk::checkpoint {

struct SparseMatrix {
  const Tensor* stored = nullptr;  // the values that are not zero
  uint64_t out = 0, in = 0;
  std::string_view structure;  // "sparse 2:4", "sparse"
  Numbers values;
};

Result<SparseMatrix> sparse_matrix(QuantisedGroup& group);

}  // namespace wmk::checkpoint
