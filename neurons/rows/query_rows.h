// What the queries and keys of each layer tell of the residual space, as rows.
//
// Purpose: the second moment of a layer's rows is the sum over heads of B^T B and B B^T, B = Q^T K
// of a head at length 1. It is the same for all Q and K that attend alike, and a mark changes
// neither. Lifetime, Thread-safety: as RowSource.
#pragma once

#include "checkpoint/attention/query_views.h"
#include "neurons/rows/latent_rows.h"
#include "neurons/rows/row_source.h"

namespace wmk::neurons {

class QueryRows : public RowSource {
 public:
  QueryRows(const Model& model, Rows basis);

  // Those whose queries and keys are known.
  size_t layers() const override { return layers_.size(); }
  uint64_t layer_number(size_t layer) const override;
  // Two rows for each row of Q; of a layer of many heads, heads at even distances.
  Result<Rows> read(size_t layer, uint64_t limit, unsigned threads, const Keep& keep) override;

  // Whether two ways to read one checkpoint give the same rows.
  bool reads_as(const QueryRows& other) const;

 private:
  // What the queries and keys of a layer pass on their way from the residual stream.
  struct Latents {
    std::optional<LatentMatrix> q, k;
  };
  Result<Latents> read_latents(size_t layer) const;
  // Rows that read the residual stream itself.
  Status read_matrix(const checkpoint::HeadLayer& layer, const checkpoint::View& view,
                     uint64_t first, uint64_t count, Rows& out, std::vector<int>& exponents) const;
  // The same behind a latent, if there is one.
  Status read_through(const std::optional<LatentMatrix>& latent, const checkpoint::HeadLayer& layer,
                      const checkpoint::View& view, uint64_t first, uint64_t count, Rows& out,
                      std::vector<int>& exponents) const;
  Status read_head(size_t layer, const Latents& latents, uint64_t head, float* out) const;

  std::vector<std::optional<checkpoint::QueryViews>> views_;  // by layer of Anatomy::heads
  std::vector<size_t> layers_;                                // numbers of those that have views
};

}  // namespace wmk::neurons
