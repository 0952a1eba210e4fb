// T8: signals that look like evidence but are not (specs/lineage.md 8).
//
// Purpose: the curves and figures that are argued with in disputes, with the range that unrelated
// models reach. No p, no part in the verdict. Lifetime: values. Thread-safety: brings its own
// workers.
#pragma once

#include "lineage/evidence.h"
#include "lineage/forensics/sigma_curves.h"

namespace wmk::lineage {

// How many settings both configurations name, and how many of these are equal.
struct SharedSettings {
  size_t named = 0, equal = 0;
};
SharedSettings shared_settings(const checkpoint::Config& a, const checkpoint::Config& b);

struct SoftPanel {
  std::vector<TestResult> tests;
  SigmaCurves suspect, reference;  // empty unless attention was found in both models
};
Result<SoftPanel> soft_panel(const ModelPair& pair);

}  // namespace wmk::lineage
