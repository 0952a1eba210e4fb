// An anatomy from the parts that shapes gave.
//
// Thread-safety: pure functions; norm weights are read.
#pragma once

#include <optional>
#include <vector>

#include "checkpoint/shapes/arrangements.h"
#include "checkpoint/shapes/norm_choices.h"

namespace wmk::checkpoint {

// One set of FFNs with the roles of its matrices.
struct ArrangedSet {
  const FfnSet* set = nullptr;
  Arrangement arrangement;
};

// The groups of all sets by layer, without norms. Layers are numbers in names; slices of stacked
// tensors where a set has one member; else the order of members. `rank`: the place of each tensor
// in the order of reading. `places` gets one entry for each layer.
std::vector<UnitGroup> assemble_groups(const std::vector<ArrangedSet>& sets,
                                       const std::vector<size_t>& rank,
                                       const std::vector<VectorSlot>& vectors,
                                       std::vector<LayerPlace>& places);

struct AnatomyParts {
  uint64_t width = 0;
  size_t embedding = 0;
  std::vector<UnitGroup> groups = {};
  const NormChoice* norm = nullptr;  // none: all norm weights are 1
};
Anatomy assemble(const Checkpoint& checkpoint, AnatomyParts parts);

}  // namespace wmk::checkpoint
