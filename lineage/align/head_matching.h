// Which head of the suspect corresponds to which head of the reference? (specs/lineage.md 15)
//
// Purpose: matches heads by their circuits at the coordinates for matching. These entries do not
// change with the signs of head dimensions and RoPE pairs, nor with those of the coordinates for
// testing, so that tests of these signs need no correction for the search. Thread-safety: pure
// functions.
#pragma once

#include "lineage/model/head_circuits.h"

namespace wmk::lineage {

struct MatchedHeads {
  size_t suspect = 0, reference = 0;  // query heads
};
// The one-to-one matching with the largest sum of cosines; as many as the model with fewer heads
// has, by ascending heads of that model.
std::vector<MatchedHeads> match_heads(const HeadCircuits& suspect, const HeadCircuits& reference);

}  // namespace wmk::lineage
