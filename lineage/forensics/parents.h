// T7: from which of several candidate parents was the suspect merged, and with which weights?
// (specs/lineage.md 11)
//
// Purpose: a merge is a weighted mean of its parents. Weights that sum to one are fitted by least
// squares to rows of the suspect, and candidates are ranked. Describes, never scores: no p.
// Lifetime: values. Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

inline constexpr size_t kParentsMax = 16;

struct ParentFit {
  std::string missing;             // why it was not compared; otherwise empty
  double weight = 0;               // over all matrices
  double lowest = 0, highest = 0;  // weights in single matrices
  double alone = 0;                // share of the suspect that this parent alone explains
};
struct MatrixFit {
  uint64_t layer = 0;           // of the suspect
  std::string_view matrix;      // "q", "v", "up"
  std::vector<double> weights;  // by candidate; 0 if it was not compared
  double explained = 0;
};
struct ParentFits {
  std::vector<ParentFit> parents;  // as given
  std::vector<size_t> ranking;     // indices of compared parents, closest first
  double explained = 0;  // share of the suspect's squares that the mixture explains; may be < 0
  std::vector<MatrixFit> matrices;
};
// Is the suspect a mixture of at least two of them: nearly explained together, by none alone?
bool is_mixture(const ParentFits& fits);
// Compares in the models' own coordinates. Errors are those of reading.
Result<ParentFits> fit_parents(Side suspect, std::vector<Side> parents, uint64_t seed,
                               unsigned threads);

}  // namespace wmk::lineage
