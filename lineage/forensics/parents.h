// T7: which of several candidate parents was the suspect made of, and in what parts?
// (specs/lineage.md 11)
//
// Purpose: a merge is a weighted mean of its parents. Weights that sum to one are fitted by least
// squares to rows of the suspect; candidates are ranked. Described, never scored: no p. Lifetime:
// values. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kParentsMax = 16;

struct ParentFit {
  std::string missing;             // why it was not compared; else empty
  double weight = 0;               // in all matrices together
  double lowest = 0, highest = 0;  // in one matrix
  double alone = 0;                // share of the suspect that it explains by itself
};
struct MatrixFit {
  uint64_t layer = 0;           // of the suspect
  std::string_view matrix;      // "q", "v", "up"
  std::vector<double> weights;  // by candidate; 0 where it was not compared
  double explained = 0;
};
struct ParentFits {
  std::vector<ParentFit> parents;  // as given
  std::vector<size_t> ranking;     // those that were compared, closest first
  double explained = 0;            // share of the suspect's squares, by the mixture; may be < 0
  std::vector<MatrixFit> matrices;
};
// In the models' own coordinates. Errors are those of reading.
Result<ParentFits> fit_parents(Side suspect, std::vector<Side> parents, uint64_t seed,
                               unsigned threads);

}  // namespace wmk::lineage
