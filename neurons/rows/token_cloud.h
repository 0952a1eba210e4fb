// Unit rows of a token embedding, as the one layer that a map is fitted to.
//
// Purpose: finds the map where every FFN is new. Lifetime, Thread-safety: as RowSource.
#pragma once

#include "neurons/rows/row_source.h"

namespace wmk::neurons {

class TokenCloud : public RowSource {
 public:
  // The `count` longest rows: an order that no rotation changes, and noise only a little.
  TokenCloud(const Model& model, Rows basis, uint64_t count)
      : RowSource(model, std::move(basis)), count_(count) {}

  size_t layers() const override { return 1; }
  uint64_t layer_number(size_t) const override { return 0; }
  // `limit` is ignored.
  Result<Rows> read(size_t layer, uint64_t limit, unsigned threads, const Keep& keep) override;

 private:
  Status choose(unsigned threads);
  // Token rows [first, first + count) as stored.
  Status read_tokens(uint64_t first, uint64_t count, Rows& out) const;
  // Those of `tokens` in the basis, of length 1.
  Status read_chosen(std::span<const uint32_t> tokens, Rows& out) const;

  uint64_t count_;
  std::vector<uint32_t> chosen_;  // numbers of tokens, ascending
};

}  // namespace wmk::neurons
