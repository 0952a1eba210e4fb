// Which neurons of experts correspond to which neurons of the reference, if upcycling kept their
// order (specs/lineage.md 6).
//
// Lifetime: refers to both anatomies. Thread-safety: pure functions; the same seed gives the same
// sample.
#pragma once

#include <string>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Neighbouring neurons of one group of the suspect, and as many of one group of the reference.
struct NeuronBlock {
  const checkpoint::UnitGroup *suspect = nullptr, *reference = nullptr;
  uint64_t suspect_first = 0, reference_first = 0, count = 0;
  uint64_t suspect_number = 0, reference_number = 0;  // of the first, in the whole model
};
struct ExpertAlignment {
  std::vector<NeuronBlock> blocks;
  double vectors = 0;        // of either model, in all blocks before sampling
  bool has_experts = false;  // in either model
  std::string sampled;       // which part was kept; empty: all
};
ExpertAlignment align_experts(const ModelPair& pair, const Basis& basis,
                              const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
