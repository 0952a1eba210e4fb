// T4c: are the neurons of experts in the same order as in the reference? (specs/lineage.md 6)
//
// Purpose: upcycling without shuffling gives expert e of h neurons the neurons e * h, e * h + 1 and
// so on of the dense layer, modulo its size; experts of two mixtures of equal shape correspond by
// number. Without a search, the signs of (up row, down column) can be tested directly. Exact.
// Thread-safety: brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

struct ExpertOrder {
  RowSigns signs;  // one x for each neuron that carries a sign
  SignSide sign_side = SignSide::reference;
  bool has_experts = false;  // in either model
  std::string missing, sampled;
};
Result<ExpertOrder> expert_order(const ModelPair& pair, const Basis& basis,
                                 const std::vector<LayerPair>& layers,
                                 const RepeatedNeurons& repeated);

// Nothing if neither model has experts: T1 has compared the neurons.
std::optional<TestResult> expert_order_result(const ExpertOrder& found, const Basis& basis);

}  // namespace wmk::lineage
