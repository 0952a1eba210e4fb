// T5: in what order do the suspect's layers answer the reference's? (specs/lineage.md 10)
//
// Purpose: finds layers that were dropped, repeated or put in between, by attention Grams alone:
// they are blind to the signs of rows, so tests of signs need no correction for the search.
// Lifetime: values. Thread-safety: pure functions.
#pragma once

#include "lineage/align/attention_gram.h"

namespace wmk::lineage {

inline constexpr unsigned kLayerShuffles = 999;

struct LayerAlignment {
  size_t rows = 0, columns = 0;                  // layers of suspect and reference
  std::vector<double> scores;                    // rows x columns: mean CKA
  double gap = 0;                                // what a pair must score to be worth it
  std::vector<std::pair<size_t, size_t>> pairs;  // rising
  double total = 0;                              // of scores above the gap
  double mean = 0;                               // of the pairs' scores
  unsigned at_least = 0;                         // shuffled orders that reach the total
  size_t answered = 0;  // layers of the suspect that some layer of the reference answers
  size_t repeated = 0;  // layers of the reference that answer several
  double log10_p() const;
};

// From all scores: rising pairs of the largest sum of (score - gap), and the same for shuffled
// layers of the suspect.
LayerAlignment align(std::vector<double> scores, size_t rows, size_t columns, uint64_t seed);

LayerAlignment align_layers(const AttentionGrams& suspect, const AttentionGrams& reference,
                            uint64_t seed);
// The pairs, or the best order of all layers where next to none stands out.
std::vector<LayerPair> layer_pairs(const LayerAlignment& found, const AttentionGrams& suspect,
                                   const AttentionGrams& reference);

TestResult alignment_result(const LayerAlignment& found, const Gauge& gauge);

}  // namespace wmk::lineage
