// The lineage battery: is the suspect made from the reference? (specs/lineage.md)
//
// Purpose: runs the catalogue of tests in the identity gauge, then, where nothing was found, in the
// gauges that embeddings suggest, and weighs what they say. Lifetime: values; the models must stay
// open meanwhile. Thread-safety: one caller; brings its own workers, same answer for any number.
#pragma once

#include "lineage/align/layer_scores.h"
#include "lineage/forensics/soft_panel.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

struct Comparison {
  Judgement judgement;
  GaugeKind gauge = GaugeKind::identity;  // that of `tests`
  std::vector<GaugeKind> gauges_tried;
  std::vector<TestResult> tests;    // in the gauge that says most
  std::vector<ExpertShare> shares;  // of each group of the layers that were looked at
  std::vector<LayerPair> layers;
  LayerMatrix layer_scores;  // in the same gauge
  SigmaCurves suspect_curves, reference_curves;
};

// Finds the attention of both sides first. Errors are those of reading.
Result<Comparison> compare(Pair pair);

}  // namespace wmk::lineage
