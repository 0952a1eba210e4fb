// Where the queries and keys of attention heads are: what tells which heads attend alike.
//
// Thread-safety: pure function.
#pragma once

#include <optional>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// Rows of the query matrix (heads * size vectors of the residual width) and of the key matrix
// (kv_heads * size). The norm before attention folds into both.
struct QueryViews {
  View q, k;
  uint64_t size = 0;
};

// For each layer of Anatomy::heads; none where queries pass a latent, or have another form.
std::vector<std::optional<QueryViews>> query_views(const Checkpoint& checkpoint,
                                                   const Anatomy& anatomy);

}  // namespace wmk::checkpoint
