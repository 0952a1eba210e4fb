// T8: what looks like evidence and is none (specs/lineage.md 8).
//
// Purpose: the curves that disputes are fought with, shown beside what unrelated models reach, with
// no p and no part in the verdict. Thread-safety: brings its own workers.
#pragma once

#include "lineage/pair.h"

namespace wmk::lineage {

// Standard deviations of q, k, v and o by layer, normalised over depth.
struct SigmaCurves {
  std::vector<double> of[4];
};
Result<SigmaCurves> sigma_curves(const Side& side, unsigned threads);
// Mean correlation of the four curves; the shorter side is interpolated.
double curve_correlation(const SigmaCurves& a, const SigmaCurves& b);

Result<std::vector<TestResult>> soft_panel(const Pair& pair);

}  // namespace wmk::lineage
