// What the circuits of two layers show (specs/lineage.md 15).
//
// Purpose: heads are matched by the entries at the coordinates for matching, and compared by those
// at the coordinates for testing. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "lineage/model/head_circuits.h"

namespace wmk::lineage {

struct LayerCircuits {
  // By coordinate for testing: the cosines of matched heads there, in its column and in its row,
  // less the mean of the same heads of the suspect with the other heads of the layer; and those of
  // matched heads with the next coordinate.
  std::vector<double> x, shifted;
  double cosines = 0;  // sum over coordinates and matched heads, two each
  // Matched heads, and those whose largest sum of cosines is with the head they were matched with.
  uint64_t heads = 0, in_place = 0;
};
template <class Visit>
void fields(LayerCircuits& circuits, Visit& visit) {
  visit(circuits.x);
  visit(circuits.shifted);
  visit(circuits.cosines);
  visit(circuits.heads);
  visit(circuits.in_place);
}
LayerCircuits compare_circuits(const HeadCircuits& suspect, const HeadCircuits& reference);

}  // namespace wmk::lineage
