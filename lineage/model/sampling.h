// Which neurons of a layer are looked at (specs/lineage.md 6).
//
// Thread-safety: pure functions; the same seed gives the same sample.
#pragma once

#include <string_view>
#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

struct UnitRun {
  size_t group = 0;  // index into Anatomy::groups
  uint64_t first = 0, count = 0;
};

uint64_t units_of_layer(const checkpoint::Anatomy& anatomy, uint64_t layer);

// Runs of neighbours, spread over each group, groups by their share of the layer.
std::vector<UnitRun> sample_runs(const Side& side, uint64_t layer, uint64_t samples, uint64_t seed,
                                 std::string_view purpose);

}  // namespace wmk::lineage
