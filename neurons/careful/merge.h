// The neuron that several neurons with one gate are together (specs/careful.md 3).
//
// Purpose: neurons with equal gates can hold any ups and downs whose sum of products is what the
// model computes, noise of any strength among them. That sum, M = sum of u (x) v, cannot be chosen;
// the merged neuron is its first singular pair. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "neurons/careful/same_gate.h"

namespace wmk::neurons {

// u and v of the merged neuron as sums of its members' unit rows, each of length 1. Their signs
// belong together.
struct MergedNeuron {
  std::vector<double> up, down;  // coefficients, one for each member; empty if all cancels
  double log2_strength = 0;      // log2 |u| |v|; -infinity if all cancels
};

// The merged neuron of each cluster. `ups`, `downs`: members in the order of the clusters.
// `strengths`: log2 |u| |v| of each member.
Result<std::vector<MergedNeuron>> merge(const Clusters& clusters, const MemberRows& ups,
                                        const MemberRows& downs, std::span<const double> strengths);

}  // namespace wmk::neurons
