// The circuits O V of a layer's heads at some residual coordinates (specs/lineage.md 15).
//
// Purpose: V -> M V, O -> O M^-1 changes every row of V and O and no circuit. Circuits have the
// residual stream on both sides, whatever the size and the number of heads. Lifetime: values.
// Thread-safety: pure functions.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Of the reference. Heads are matched by the entries of their circuits at two coordinates for
// `matching`, and compared by the entries at one for `matching` and one for `testing`.
struct CircuitCoordinates {
  std::vector<size_t> matching, testing;

  // A basis of which only these coordinates are kept, those for matching first.
  Basis of(const Basis& basis) const;
};

// Which coordinates are compared: at most 64 for matching, a quarter of the width, and at most 512
// for testing. `taken` (ascending): coordinates whose signs have had a part in matching layers;
// none of them is for testing.
CircuitCoordinates circuit_coordinates(size_t width, uint64_t seed, std::span<const size_t> taken);

struct HeadCircuits {
  size_t heads = 0, kv_heads = 0, matching = 0, testing = 0;
  std::vector<float> inner;  // heads x matching^2; each head's of unit length
  // For each head and coordinate for testing the entries in its column, then those in its row:
  // heads x testing x 2 x matching, in rows of `matching` numbers of unit length.
  std::vector<float> outer;

  const float* outer_at(size_t head, size_t coordinate) const {
    return &outer[(head * testing + coordinate) * 2 * matching];
  }
};
// `kept`: CircuitCoordinates::of() the basis, `matching`: how many of its coordinates are for
// matching.
Result<HeadCircuits> head_circuits(const Side& side, const checkpoint::HeadLayer& layer,
                                   const Basis& kept, size_t matching);

}  // namespace wmk::lineage
