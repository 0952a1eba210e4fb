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

// The heads of the suspect by those of the reference, where both have as many; empty: those of the
// same numbers.
struct HeadOrder {
  std::vector<size_t> key_value, query;
};
template <class Visit>
void fields(HeadOrder& order, Visit& visit) {
  visit(order.key_value);
  visit(order.query);
}
// Groups are matched with groups, and query heads within them; only if their mean cosine at the
// coordinates for testing is then more than a tenth above that of heads in order.
HeadOrder head_order(const HeadCircuits& suspect, const HeadCircuits& reference);
// Of each pair of layers. Empty where circuits cannot be read or numbers of heads differ.
Result<std::vector<HeadOrder>> head_orders(const ModelPair& pair, const Basis& basis,
                                           const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
