// Neurons of one FFN that have one gate direction (specs/careful.md 2).
//
// Purpose: directions are compared by their coordinates in a frame. What the suspect's owner put
// into directions that nothing writes to is not among them. Where coordinates are few, whole
// vectors are compared. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <functional>

#include "neurons/careful/gate_signs.h"
#include "neurons/careful/member_rows.h"

namespace wmk::neurons {

// Cosine of two gate directions above which two neurons of an FFN are one.
inline constexpr double kSameGate = 0.98;

// Two or more neurons each, in ascending order; sets by their first.
using Clusters = std::vector<std::vector<uint32_t>>;

// Coordinates of the compared vector of each neuron, of any length.
struct GateCoordinates {
  size_t count = 0;
  std::function<float(size_t coordinate, uint32_t unit)> at;

  bool are_enough() const { return count >= GateSigns::kBitsMin; }
};

// Connected components of the pairs whose cosine is above kSameGate.
Clusters same_gate(const GateCoordinates& coordinates, const std::vector<UnitPair>& pairs);

// The same by whole vectors: `gate` is the vector that is compared (up, where the FFN is not
// gated); `scales` of all neurons.
Result<Clusters> same_gate(const VectorSource& gate, std::span<const RowScale> scales,
                           const std::vector<UnitPair>& pairs);

}  // namespace wmk::neurons
