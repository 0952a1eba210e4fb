// T1: do the signs of rows agree? (specs/lineage.md 3)
//
// Purpose: v row and o columns of a head dimension, q and k rows of a RoPE pair, up row and down
// column of a neuron can change sign together without changing the model: where two trainings are
// independent, so are these signs. Thread-safety: brings its own workers, same bits for any number.
#pragma once

#include "lineage/pair.h"
#include "stats/signed_sum.h"

namespace wmk::lineage {

struct RowSigns {
  stats::SignedSum sum;      // x = sum of a unit's two cosines
  stats::SignedSum shifted;  // control: each unit beside its neighbour
  // Pooled cosine of units: x / 2 on average.
  double effect() const { return sum.terms ? sum.sum / (2 * static_cast<double>(sum.terms)) : 0; }
};

struct RowSignsFound {
  RowSigns value_output, query_key, up_down;
  double pair_orders = 1;  // of q and k rows that were tried, for Bonferroni
  std::string attention_missing, up_down_missing;  // why a family was not comparable
  std::string sampled;                             // what was left out; empty: nothing
};

Result<RowSignsFound> row_signs(const Pair& pair, const Gauge& gauge,
                                const std::vector<LayerPair>& layers);

// The results of the three families, each with its verdict before correction for other tests.
std::vector<TestResult> row_sign_results(const RowSignsFound& found, const Gauge& gauge);

}  // namespace wmk::lineage
