// T6: do the norm weights agree, coordinate by coordinate? (specs/lineage.md 7)
//
// Purpose: norm weights start at 1 in every model, so a shared initialisation does not make them
// agree. Exact, but T permutations give a p of at least 1/(T + 1): this alone never makes a hit.
// Thread-safety: pure functions.
#pragma once

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr unsigned kNormPermutations = 9999;
// Norm weights agree as those of copies do. Two small models trained from one initialisation have a
// correlation of .15.
inline constexpr double kSameNorms = 0.5;

struct NormWeightAgreement {
  double sum = 0;         // of correlations, over norms
  size_t norms = 0;       // number of norms compared
  unsigned at_least = 0;  // random permutations with at least this sum
  double log10_p() const;
};

// Weights of the same norms in both models, `width` values each; one permutation for all of them.
NormWeightAgreement norm_weight_agreement(const std::vector<std::vector<float>>& suspect,
                                          const std::vector<std::vector<float>>& reference,
                                          uint64_t seed);

TestResult norm_weight_result(const ModelPair& pair);

}  // namespace wmk::lineage
