// T1: do the signs of rows agree? (specs/lineage.md 3)
//
// Purpose: v row and o columns of a head dimension, q and k rows of a RoPE pair, up row and down
// column of a neuron can change sign together without changing the model: where two trainings are
// independent, so are these signs. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/model/model_pair.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

struct RowSigns {
  stats::SignedSum sum;      // x = sum of a unit's cosines
  stats::SignedSum shifted;  // control: each unit beside its neighbour
  double cosines = 2;        // in an x, on average
  // Pooled cosine of units.
  double effect() const {
    return sum.terms ? sum.sum / (cosines * static_cast<double>(sum.terms)) : 0;
  }
  void merge(const RowSigns& other) {
    sum.merge(other.sum);
    shifted.merge(other.shifted);
  }
};

struct RowSignsFound {
  RowSigns value_output, query_key, up_down;
  double pair_orders = 1;  // of q and k rows that were tried, for Bonferroni
  std::string attention_missing, up_down_missing;  // why a family was not comparable
  std::string sampled;                             // what was left out; empty: nothing
};

Result<RowSignsFound> row_signs(const Pair& pair, const Gauge& gauge,
                                const std::vector<LayerPair>& layers);

// What a test of signs is called and what it needs.
struct SignTest {
  std::string name;
  FamilyOfTensors family = FamilyOfTensors::none;
  std::string_view statistic, null;
  double effect_min = 0;
};
// Its result before correction for other tests; `missing`: why it was not run, `sampled`: what was
// left out, either empty.
TestResult sign_result(const SignTest& test, const RowSigns& signs, const std::string& missing,
                       const std::string& sampled, const Gauge& gauge);
// An effect below this is not told from a shared initialisation (specs/lineage.md 9).
inline constexpr double kCosineMin = 1e-3;

// The results of the three families.
std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Gauge& gauge);

}  // namespace wmk::lineage
