// T5: which layer of the suspect corresponds to which layer of the reference? (specs/lineage.md 10)
//
// Purpose: finds layers that were dropped, repeated or inserted, from attention Gram matrices
// alone. These do not depend on the signs of rows, so tests of signs need no correction for this
// search. Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "lineage/align/attention_gram.h"
#include "lineage/evidence.h"

namespace wmk::lineage {

inline constexpr unsigned kLayerShuffles = 999;

struct LayerAlignment {
  size_t rows = 0, columns = 0;                  // layers of suspect and reference
  std::vector<double> scores;                    // rows x columns: mean CKA
  double gap = 0;                                // a matching pair must score more
  std::vector<std::pair<size_t, size_t>> pairs;  // increasing on both sides
  double total = 0;                              // of scores above the gap
  double mean = 0;                               // of the pairs' scores
  unsigned at_least = 0;                         // shuffled orders that reach the total
  size_t matched = 0;   // layers of the suspect that match some layer of the reference
  size_t repeated = 0;  // layers of the reference that match several
  double log10_p() const;
};

// The increasing pairs with the largest sum of (score - gap), and the same for shuffled layers of
// the suspect. `scores`: rows x columns.
LayerAlignment align(std::vector<double> scores, size_t rows, size_t columns, uint64_t seed);

LayerAlignment align_layers(const AttentionGrams& suspect, const AttentionGrams& reference,
                            uint64_t seed);
// The pairs, or the best order of all layers if too few match.
std::vector<LayerPair> layer_pairs(const LayerAlignment& found, const AttentionGrams& suspect,
                                   const AttentionGrams& reference);

TestResult alignment_result(const LayerAlignment& found, const Basis& basis);

}  // namespace wmk::lineage
