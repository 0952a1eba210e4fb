// Matrices that two models may be laid side by side in: q, v and up of a layer.
//
// Lifetime: views refer to tensors by index. Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "lineage/pair.h"

namespace wmk::lineage {

struct LayerMatrixView {
  std::string_view name;  // "q", "v", "up"
  checkpoint::View view;
  uint64_t rows = 0;
};
// Those that are known: up where the layer has one dense FFN.
std::vector<LayerMatrixView> matrices_of_layer(const Side& side, uint64_t layer);

// At most `most` of `count` things, evenly spread.
std::vector<size_t> evenly(size_t count, size_t most);

}  // namespace wmk::lineage
