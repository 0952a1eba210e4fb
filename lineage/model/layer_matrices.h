// The weight matrices of a layer that two models are compared by: q, v, up, down.
//
// Lifetime: views refer to tensors by index. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct WeightMatrix {
  std::string_view name;  // "q", "v", "up", "down"
  checkpoint::View view;
  uint64_t rows = 0;
};
// q, v and up, as far as they were found; up only if the layer has one dense FFN.
std::vector<WeightMatrix> matrices_of_layer(const Side& side, uint64_t layer);
// Also down. If there are experts, up and down are those of the first group of neurons.
std::vector<WeightMatrix> more_matrices_of_layer(const Side& side, uint64_t layer);

// The same matrix by rows as stored, which is how quantisation divides it into blocks. None if rows
// are not contiguous.
struct StoredRows {
  checkpoint::View view;  // one vector a row
  uint64_t rows = 0, length = 0;

  // `count` rows, one after the other.
  Result<std::vector<float>> read(const checkpoint::Checkpoint& checkpoint, uint64_t first,
                                  uint64_t count) const;
};
std::optional<StoredRows> stored_rows(const checkpoint::View& view, uint64_t units, uint64_t width);

}  // namespace wmk::lineage
