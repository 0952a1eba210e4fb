// T1: do the signs of rows agree? (specs/lineage.md 3)
//
// Purpose: the v row and o columns of a head dimension, the q and k rows of a RoPE pair, the up row
// and down column of a neuron can change sign together without changing the model. In independent
// trainings these signs are independent. Each of the three is called a sign group. Thread-safety:
// brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/align/layer_map.h"
#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"
#include "lineage/tests/sign_terms.h"

namespace wmk::lineage {

struct RowSignsFound {
  RowSigns value_output, query_key, up_down;
  double pair_orders = 1;  // number of orders of q and k rows tried, for the correction
  std::string attention_missing, up_down_missing;  // why a family cannot be compared
  std::string sampled;                             // which part was read; empty: all
  size_t moved_heads = 0;                          // layers whose heads are in another order
};

// `copies`: layers of the reference that are copies of each other, where both models repeat layers:
// their terms share signs and are added up first. Null: signs are independent on one side.
Result<RowSignsFound> row_signs(const ModelPair& pair, const Basis& basis,
                                const std::vector<LayerPair>& layers,
                                const LayerClusters* copies = nullptr);

// The name of a test of signs, and what it cannot see.
struct SignTest {
  std::string name;
  TensorFamily family = TensorFamily::none;
  std::string_view statistic, null, not_seen;
  std::string_view effect = "mean cosine";
  bool has_sizes = true;  // sizes without signs are an anomaly
};
// Its result before correction for other tests. `missing`: why it was not run, `sampled`: which
// part was read; both may be empty.
TestResult sign_result(const SignTest& test, const RowSigns& signs, const std::string& missing,
                       const std::string& sampled, const Basis& basis);
// The results of the three families.
std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Basis& basis);

}  // namespace wmk::lineage
