// Matrices that two models may be laid side by side in: q, v and up of a layer.
//
// Lifetime: views refer to tensors by index. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct LayerMatrixView {
  std::string_view name;  // "q", "v", "up", "down"
  checkpoint::View view;
  uint64_t rows = 0;
};
// q, v and up, those that are known: up where the layer has one dense FFN.
std::vector<LayerMatrixView> matrices_of_layer(const Side& side, uint64_t layer);
// With down too, or, where there are experts, with up and down of the first group of units.
std::vector<LayerMatrixView> more_matrices_of_layer(const Side& side, uint64_t layer);

// The same numbers by rows as they are stored, where quantisation has its blocks. None where they
// lie apart.
struct StoredRows {
  checkpoint::View view;  // its units are rows
  uint64_t rows = 0, length = 0;
};
std::optional<StoredRows> stored_rows(const checkpoint::View& view, uint64_t units, uint64_t width);

// At most `most` of `count` things, evenly spread.
std::vector<size_t> evenly(size_t count, size_t most);

}  // namespace wmk::lineage
