// Blocks of a tower that stand in both models under one name and shape.
//
// Lifetime: views refer to tensors by index. Thread-safety: pure functions.
#pragma once

#include <string>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Rows of one matrix and columns of another that belong together: v with o, fc1 with fc2.
struct TowerPart {
  bool is_attention = false;
  std::string name;                             // up to the number of the layer: "visual.blocks"
  checkpoint::View in_suspect, in_reference;    // rows of `width` numbers
  checkpoint::View out_suspect, out_reference;  // columns
  uint64_t units = 0, width = 0;
};
std::vector<TowerPart> tower_parts(const Pair& pair);

}  // namespace wmk::lineage
