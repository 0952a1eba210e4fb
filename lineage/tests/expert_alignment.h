// Which neurons of experts answer which of the reference, if upcycling kept their order.
//
// Lifetime: refers to both anatomies. Thread-safety: pure functions; the same seed gives the same
// sample.
#pragma once

#include <string>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Neighbours of one group of the suspect beside neighbours of one group of the reference.
struct ExpertSlice {
  const checkpoint::UnitGroup *suspect = nullptr, *reference = nullptr;
  uint64_t suspect_first = 0, reference_first = 0, count = 0;
  uint64_t suspect_unit = 0, reference_unit = 0;  // number in the whole model, of the first
};
struct ExpertSlices {
  std::vector<ExpertSlice> all;
  double vectors = 0;        // of either side, before some were left out
  bool has_experts = false;  // on either side
  std::string sampled;       // what was left out; empty: nothing
};
ExpertSlices plan_slices(const Pair& pair, const Gauge& gauge,
                         const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
