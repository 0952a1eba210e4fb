// T9: do the circuits of heads agree? (specs/lineage.md 15)
//
// Purpose: circuits do not change where V and O are mixed within heads or heads change places,
// which blinds T1. In the models' own coordinates the sign of a residual coordinate is a fair coin.
// In fitted coordinates no coin is left: there two halves of the circuits find heads separately,
// and chance says how often they find the same. Thread-safety: brings its own workers, same bits
// for any number of them.
#pragma once

#include "lineage/evidence.h"
#include "lineage/model/head_circuits.h"
#include "lineage/tests/place_matches.h"
#include "lineage/tests/sign_terms.h"

namespace wmk::lineage {

struct CircuitAgreement {
  // One x for each coordinate for testing: the cosines of matched circuits there less the mean
  // cosine of the same heads with the other heads of the layer.
  RowSigns signs;
  double cosine = 0;   // of matched circuits, mean
  double control = 0;  // the same in wrong layers
  // Heads that the entries for testing find in the place that the entries for matching found; next
  // place: those of wrong layers.
  PlaceMatches places;
  std::string missing;  // why there is nothing to compare
  std::string sampled;  // which layers were read; empty: all
};

Result<CircuitAgreement> circuit_agreement(const ModelPair& pair, const Basis& basis,
                                           const std::vector<LayerPair>& layers,
                                           const CircuitCoordinates& coordinates);

// `coins`: the signs of residual coordinates are independent of the other model. In fitted
// coordinates they had a part in the fit.
TestResult circuit_result(const CircuitAgreement& found, const Basis& basis, bool coins);

}  // namespace wmk::lineage
