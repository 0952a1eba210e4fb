// Lineage: do two models share weights? (specs/lineage.md)
//
// Purpose: runs the catalogue of tests in the models' own basis and, unless the matter is settled,
// in bases that the embeddings suggest, and turns the results into one verdict. Lifetime: values;
// the models must stay open during the call. Thread-safety: one caller; brings its own workers,
// same answer for any number of them.
#pragma once

#include "lineage/align/layer_scores.h"
#include "lineage/evidence.h"
#include "lineage/forensics/soft_panel.h"
#include "lineage/verdict.h"

namespace wmk::lineage {

struct Comparison {
  LineageJudgement judgement;
  BasisKind basis = BasisKind::identity;  // that of `tests`
  std::vector<BasisKind> bases_tried;
  std::vector<TestResult> tests;        // in the most conclusive basis
  std::vector<TestResult> about_bases;  // on the fits themselves; compare() appends them to `tests`
  bool same_coordinates = false;        // values can be compared one by one
  std::vector<ExpertShare> shares;      // of each group of neurons in the compared layers
  std::vector<LayerPair> layers;
  LayerScores layer_scores;  // in the same basis
  SigmaCurves suspect_curves, reference_curves;
};

// Locates the attention of both models first. Errors are those of reading.
Result<Comparison> compare(ModelPair pair);

}  // namespace wmk::lineage
