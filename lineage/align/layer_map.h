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

// Do several layers of one model have similar v rows? Then layers were repeated when it was made.
Result<bool> repeats_layers(const Side& side);

}  // namespace wmk::lineage
