// T3: is the attention of corresponding layers alike? (specs/lineage.md 10)
//
// Purpose: the mean CKA of attention Gram matrices, and in the models' own coordinates its p-value
// by permutation. An effect: it never decides. Lifetime: values. Thread-safety: brings its own
// workers, same bits for any number of them.
#pragma once

#include "lineage/align/attention_gram.h"
#include "lineage/evidence.h"

namespace wmk::lineage {

inline constexpr unsigned kGramPermutations = 199;

struct GramAgreement {
  double mean = 0;                    // CKA over corresponding layers
  std::array<double, 4> by_matrix{};  // q, k, v, o
  size_t layers = 0;
  unsigned at_least = 0;  // permutations of coordinates that reach the mean
  double null_sd = 0;     // of the mean under these
  double log10_p() const;
};
// One permutation of the coordinates for all layers: exact in the models' own coordinates.
GramAgreement gram_agreement(const AttentionGrams& suspect, const AttentionGrams& reference,
                             const std::vector<LayerPair>& layers, uint64_t seed, unsigned threads);

TestResult gram_result(const GramAgreement& found, const Basis& basis);

}  // namespace wmk::lineage
