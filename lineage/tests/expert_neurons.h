// T4: does the reference have neurons of the suspect, in any order and any expert?
// (specs/lineage.md 6)
//
// Purpose: neurons are matched by gate rows. The signs of their up rows and down columns are then
// tested (T4a, exact), and the agreement of separate searches (T4b, against wrong layers as a
// control). Thread-safety: brings its own workers.
#pragma once

#include "lineage/align/layer_map.h"
#include "lineage/evidence.h"
#include "lineage/tests/neuron_evidence.h"

namespace wmk::lineage {

struct ExpertNeurons {
  stats::SignedSum signs, control_signs;
  Coincidences found, control;
  SignSide sign_side = SignSide::reference;
  RepeatedNeurons repeated;
  bool gated = true;
  bool suspect_experts = false, reference_experts = false;  // a compared layer has several groups
  uint64_t samples = 0;       // neurons of the suspect that were searched for
  uint64_t matched = 0;       // those on which two of three searches agree
  double matched_cosine = 0;  // mean cosine of their gate rows
  size_t layers = 0, layers_in_all = 0;
  std::vector<ExpertShare> shares;
  std::string missing;  // why there was nothing to compare
};

// `copies`: as for row_signs().
Result<ExpertNeurons> expert_neurons(const ModelPair& pair, const Basis& basis,
                                     const std::vector<LayerPair>& layers,
                                     const RepeatedNeurons& repeated,
                                     const LayerClusters* copies = nullptr);
std::vector<TestResult> expert_neuron_results(const ExpertNeurons& found, const Basis& basis);

}  // namespace wmk::lineage
