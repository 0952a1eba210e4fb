// T6: do the biases of q, k and v agree in their signs? (specs/lineage.md 7)
//
// Purpose: biases start at 0 in every model and change sign with the rows they are added to, so in
// independent trainings the signs of RoPE pairs and head dimensions are independent. Sizes are
// divided out, and with them the profile over frequencies that all such models share. Exact.
// Thread-safety: pure functions.
#pragma once

#include "lineage/evidence.h"
#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

struct BiasSigns {
  RowSigns query_key, value;
  double pair_orders = 1;                        // number of orders tried, for the correction
  std::string query_key_missing, value_missing;  // why there was nothing to compare
};
BiasSigns bias_signs(const ModelPair& pair, const std::vector<LayerPair>& layers);

std::vector<TestResult> bias_results(const BiasSigns& found, const Basis& basis);

}  // namespace wmk::lineage
