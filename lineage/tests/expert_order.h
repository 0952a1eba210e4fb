// T4c: do neurons of experts stand in the order of the reference's? (specs/lineage.md 6)
//
// Purpose: upcycling that shuffles nothing leaves expert e with the neurons e * units, e * units +
// 1 and so on of the dense layer, round and round; experts of two mixtures of one shape answer each
// other by number. No search: the signs of (up row, down column) bear witness at once. Exact.
// Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

struct ExpertOrder {
  RowSigns signs;  // one x for each neuron that carries a sign
  SignSide sign_side = SignSide::reference;
  bool has_experts = false;  // on either side
  std::string missing, sampled;
};
Result<ExpertOrder> expert_order(const Pair& pair, const Gauge& gauge,
                                 const std::vector<LayerPair>& layers, const ModelCopies& copies);

// Nothing where neither side has experts: T1 has compared the neurons.
std::optional<TestResult> expert_order_result(const ExpertOrder& found, const Gauge& gauge);

}  // namespace wmk::lineage
