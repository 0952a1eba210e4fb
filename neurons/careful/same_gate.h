// Neurons of one FFN that have one gate direction (specs/careful.md 2).
//
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "neurons/careful/gate_signs.h"
#include "neurons/careful/member_rows.h"

namespace wmk::neurons {

// Cosine of two gate directions above which two neurons of an FFN are one.
inline constexpr double kSameGate = 0.98;

// Two or more neurons each, in ascending order; sets by their first.
using Clusters = std::vector<std::vector<uint32_t>>;

// Connected components of the pairs whose cosine is above kSameGate. `gate`: the vector that is
// compared (up, where the FFN is not gated); `scales` of all neurons.
Result<Clusters> same_gate(const VectorSource& gate, std::span<const RowScale> scales,
                           const std::vector<UnitPair>& pairs);

}  // namespace wmk::neurons
