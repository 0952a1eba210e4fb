// T4: are neurons of the suspect those of the reference, in any order and in any expert?
// (specs/lineage.md 6)
//
// Purpose: neurons are matched by gate rows; signs of up rows and down columns then bear witness
// (T4a, exact), and so do coincidences of separate searches (T4b, against a control of wrong
// layers). Thread-safety: brings its own workers.
#pragma once

#include "lineage/tests/neuron_match.h"
#include "lineage/tests/repeated_neurons.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

// Neurons of the reference that two separate searches agree on, each counted once, and how many
// chance gives at most.
struct Coincidences {
  double count = 0, expected = 0;
  double log10_p(double inflation = 1) const {
    return stats::log10_poisson_tail(count, expected * inflation);
  }
  void add(const LayerMatch& layer);
};

// How many times more coincidences than chance gives the wrong layers show, with a margin; 1 where
// they follow chance. Neurons that share a residual basis coincide without being copies.
double inflation_of(const Coincidences& control);

// Which side carries the signs: one whose neurons are no copies of one another.
enum class SignSide { reference, suspect, neither };

struct ExpertNeurons {
  stats::SignedSum signs, control_signs;
  Coincidences found, control;
  SignSide sign_side = SignSide::reference;
  ModelCopies copies;
  bool gated = true;
  uint64_t samples = 0;       // neurons of the suspect that were looked at
  uint64_t matched = 0;       // of them: two of three searches agree
  double matched_cosine = 0;  // of their gate rows, on average
  size_t layers = 0, layers_in_all = 0;
  std::vector<ExpertShare> shares;
  std::string missing;  // why there was nothing to compare
};

Result<ExpertNeurons> expert_neurons(const Pair& pair, const Gauge& gauge,
                                     const std::vector<LayerPair>& layers,
                                     const ModelCopies& copies);
std::vector<TestResult> expert_neuron_results(const ExpertNeurons& found, const Gauge& gauge);

// X of every query, added up by the unit that carries its sign.
stats::SignedSum sign_sum(const LayerMatch& layer, SignSide side);

}  // namespace wmk::lineage
