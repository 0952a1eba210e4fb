// T6: do the biases of q, k and v agree in their signs? (specs/lineage.md 7)
//
// Purpose: biases start at 0 everywhere and turn with the rows they are added to: the signs of a
// RoPE pair and of a head dimension are free where two trainings are independent. Sizes, and so the
// profile over frequencies that all such models have, are divided out. Exact. Thread-safety: pure
// functions.
#pragma once

#include "lineage/tests/row_signs.h"

namespace wmk::lineage {

struct BiasSigns {
  RowSigns query_key, value;
  double pair_orders = 1;                        // that were tried, for Bonferroni
  std::string query_key_missing, value_missing;  // why there was nothing to compare
};
BiasSigns bias_signs(const Pair& pair, const std::vector<LayerPair>& layers);

std::vector<TestResult> bias_results(const BiasSigns& found, const Gauge& gauge);

}  // namespace wmk::lineage
