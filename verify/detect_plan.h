// What detection will try, decided before anything is read (specs/verdicts.md 2).
//
// Thread-safety: pure functions and values.
#pragma once

#include <vector>

#include "embed/scheme/strength.h"
#include "verify/detect.h"

namespace wmk::verify {

// Shares that are read together, and the totals that can be computed from then on.
struct Stage {
  std::vector<unsigned> read;
  // Each entry n is the total of the first n shares read so far.
  std::vector<unsigned> totals;
};

struct DetectPlan {
  std::vector<FrameSource> frames;
  std::vector<Stage> stages;
  embed::MarkPlan mark;  // strength and shares assumed for the expected z
  // How many statistics may be computed in all: the factor in front of Hoeffding's bound.
  double hypotheses(size_t analyses) const;
  double expected_z(unsigned shares_summed) const { return mark.expected_z(shares_summed); }
  // Of the largest total.
  double expected_z_full() const;
};

Result<DetectPlan> plan_detection(const checkpoint::Anatomy& anatomy,
                                  const checkpoint::Vocabulary& vocabulary,
                                  const DetectRequest& request);

}  // namespace wmk::verify
