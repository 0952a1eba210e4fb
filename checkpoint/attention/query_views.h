// Where the queries and keys of attention heads are: what tells which heads attend alike.
//
// Thread-safety: pure function; norm weights are read.
#pragma once

#include <optional>
#include <vector>

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// Queries that pass a latent: the query matrix is the vectors of QueryViews::q, which have `size`
// coordinates, times diag(norm) times the matrix `down`.
struct LatentQueries {
  View down;  // `size` vectors of the residual width
  uint64_t size = 0;
  std::vector<float> norm;  // `size` values; empty: 1

  bool operator==(const LatentQueries&) const = default;
};

// Rows of the query matrix (heads * size vectors of the residual width) and of the key matrix
// (kv_heads * own). The norm before attention folds into both. Where values pass a latent
// (HeadLayer::latent), keys pass the same one: vectors of `k` have its size.
struct QueryViews {
  View q, k;
  uint64_t size = 0;
  uint64_t own = 0;            // rows of a head's keys; all heads share the others, up to `size`
  std::optional<View> shared;  // size - own vectors of the residual width
  std::optional<LatentQueries> latent;

  bool operator==(const QueryViews&) const = default;
};

// For each layer of Anatomy::heads; none where they have another form.
std::vector<std::optional<QueryViews>> query_views(const Checkpoint& checkpoint,
                                                   const Anatomy& anatomy);

}  // namespace wmk::checkpoint
