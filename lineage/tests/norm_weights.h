// T6: do the gains of the norms agree, coordinate by coordinate? (specs/lineage.md 7)
//
// Purpose: gains start at 1 everywhere, so their agreement is no copy of a shared seed. Exact, with
// a floor of 1/(T + 1): gains alone never make a hit. Thread-safety: pure functions.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr unsigned kGainPermutations = 9999;

struct GainAgreement {
  double sum = 0;         // of correlations, over norms
  size_t norms = 0;       // that were compared
  unsigned at_least = 0;  // random permutations whose sum is as high
  double log10_p() const;
};

// Gains of the same norms of both models, `width` values each; one permutation for all of them.
GainAgreement gain_agreement(const std::vector<std::vector<float>>& suspect,
                             const std::vector<std::vector<float>>& reference, uint64_t seed);

TestResult gains_result(const Pair& pair);

}  // namespace wmk::lineage
