// T1: do the signs of rows agree? (specs/lineage.md 3)
//
// Purpose: the v row and o columns of a head dimension, the q and k rows of a RoPE pair, the up row
// and down column of a neuron can change sign together without changing the model. In independent
// trainings these signs are independent. Each of the three is called a sign group. Thread-safety:
// brings its own workers, same bits for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"
#include "lineage/model/row_cosines.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

struct RowSigns {
  stats::SignedSum sum;      // x = sum of the cosines of a sign group
  stats::SignedSum shifted;  // control: each group against its neighbour
  double cosines = 2;        // per x, on average
  // The mean cosine.
  double effect() const {
    return sum.terms ? sum.sum / (cosines * static_cast<double>(sum.terms)) : 0;
  }
  void merge(const RowSigns& other) {
    sum.merge(other.sum);
    shifted.merge(other.shifted);
  }
};

// Adds one x for each sign group.
void add_terms(const RowCosines& found, RowSigns& to);

struct RowSignsFound {
  RowSigns value_output, query_key, up_down;
  double pair_orders = 1;  // number of orders of q and k rows tried, for the correction
  std::string attention_missing, up_down_missing;  // why a family cannot be compared
  std::string sampled;                             // which part was read; empty: all
};

Result<RowSignsFound> row_signs(const ModelPair& pair, const Basis& basis,
                                const std::vector<LayerPair>& layers);

// The name of a test of signs, and what a hit needs.
struct SignTest {
  std::string name;
  TensorFamily family = TensorFamily::none;
  std::string_view statistic, null;
  double effect_min = 0;
};
// Its result before correction for other tests. `missing`: why it was not run, `sampled`: which
// part was read; both may be empty.
TestResult sign_result(const SignTest& test, const RowSigns& signs, const std::string& missing,
                       const std::string& sampled, const Basis& basis);
// A smaller mean cosine makes no hit, however small p is (specs/lineage.md 9).
inline constexpr double kCosineMin = 1e-3;

// The results of the three families.
std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Basis& basis);

}  // namespace wmk::lineage
