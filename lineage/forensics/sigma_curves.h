// Standard deviations of attention weights over depth (specs/sigma_curves.md).
//
// Purpose: the curves of the 2025 dispute; they have no part in the verdict. Lifetime: values.
// Thread-safety: brings its own workers.
#pragma once

#include <vector>

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// Standard deviations of q, k, v and o by layer.
struct SigmaCurves {
  std::vector<double> of[4];
};
Result<SigmaCurves> sigma_curves(const Side& side, unsigned threads);
// Mean correlation of the four curves; the shorter curves are interpolated.
double curve_correlation(const SigmaCurves& a, const SigmaCurves& b);

}  // namespace wmk::lineage
