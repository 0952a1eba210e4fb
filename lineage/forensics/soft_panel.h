// T8: what looks like evidence and is none (specs/lineage.md 8).
//
// Purpose: the curves that disputes are fought with, shown beside what unrelated models reach, with
// no p and no part in the verdict. Thread-safety: brings its own workers.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Standard deviations of q, k, v and o by layer.
struct SigmaCurves {
  std::vector<double> of[4];
};
Result<SigmaCurves> sigma_curves(const Side& side, unsigned threads);
// Mean correlation of the four curves; the shorter side is interpolated.
double curve_correlation(const SigmaCurves& a, const SigmaCurves& b);

// Settings of two configurations that both name, and how many of them are equal.
struct SharedSettings {
  size_t named = 0, equal = 0;
};
SharedSettings shared_settings(const checkpoint::Config& a, const checkpoint::Config& b);

struct SoftPanel {
  std::vector<TestResult> tests;
  SigmaCurves suspect, reference;  // empty where attention is not found on both sides
};
Result<SoftPanel> soft_panel(const Pair& pair);

}  // namespace wmk::lineage
