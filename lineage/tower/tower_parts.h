// Blocks of a tower that have the same names and shapes in both models.
//
// Lifetime: views refer to tensors by index. Thread-safety: pure functions.
#pragma once

#include <string>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Rows of one matrix and the corresponding columns of another: v and o, or fc1 and fc2.
struct TowerPart {
  bool is_attention = false;
  std::string name;                             // up to the number of the layer: "visual.blocks"
  checkpoint::View in_suspect, in_reference;    // rows of `width` numbers
  checkpoint::View out_suspect, out_reference;  // columns
  uint64_t units = 0, width = 0;
};
std::vector<TowerPart> tower_parts(const ModelPair& pair);

}  // namespace wmk::lineage
