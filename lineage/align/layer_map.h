// Which layer of the suspect answers which layer of the reference? (specs/lineage.md 5)
//
// Purpose: equal depths answer one to one. Otherwise layers are matched in order by scores
// that are blind to signs, so that the tests of signs need no correction for the search.
#pragma once

#include <span>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Rising pairs of the largest total score, each layer at most once. `score`: suspect by reference.
std::vector<std::pair<size_t, size_t>> rising_match(std::span<const double> score, size_t rows,
                                                    size_t columns);

// One layer to one: of sides of equal depth.
std::vector<LayerPair> layers_by_number(const Pair& pair);

// Layers of one model that share v rows: parts of it were repeated when it was made.
Result<bool> repeats_layers(const Side& side);

}  // namespace wmk::lineage
