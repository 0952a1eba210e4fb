// Pairs of corresponding layers (specs/lineage.md 5).
//
// Purpose: models of equal depth correspond layer by layer. Otherwise layers are matched in order
// by scores that do not depend on signs, so that tests of signs need no correction for the search.
#pragma once

#include <span>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// The pairs, increasing on both sides, with the largest total score. `score`: rows x columns.
std::vector<std::pair<size_t, size_t>> monotone_match(std::span<const double> score, size_t rows,
                                                      size_t columns);

// Of models of equal depth.
std::vector<LayerPair> layers_by_number(const ModelPair& pair);

// Layers of one model with similar v rows: copies of each other, repeated when it was made.
struct LayerClusters {
  std::vector<uint64_t> layers, first;  // a layer, and the first one that it is a copy of
  bool repeats() const { return layers != first; }
  // The first copy; the layer itself if it is not listed.
  uint64_t of(uint64_t layer) const;
};
Result<LayerClusters> layer_clusters(const Side& side);

}  // namespace wmk::lineage
