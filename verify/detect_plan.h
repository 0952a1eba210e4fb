// What detection will try, decided before anything is read (specs/verdicts.md 2).
//
// Thread-safety: pure functions and values.
#pragma once

#include <vector>

#include "embed/scheme/strength.h"
#include "verify/detect.h"
#include "verify/hypotheses.h"

namespace wmk::verify {

// Shares that are read together, and the totals that can be computed from then on.
struct Stage {
  std::vector<unsigned> read;
  // Each entry n is the total of the first n shares read so far.
  std::vector<unsigned> totals;
};

struct DetectPlan {
  std::vector<Hypothesis> hypotheses;  // to try, in this order; prices are those of the whole list
  std::vector<Stage> stages;
  embed::MarkPlan mark;  // strength and shares assumed for the expected z
  // Unless it is known, a total of n shares is expected to be that of a mark with n shares.
  bool is_number_known = false;
  // Of the release, if a record lists them: how many weights were marked, and what was read back.
  std::optional<uint64_t> marked_weights;
  std::optional<embed::ReadBack> read_back;

  // z of the first `count` shares in an untouched copy of which `weights` were read: scaled from
  // what was read back, or else by the formula.
  double expected_z(unsigned count, uint64_t weights, double length) const;
  // The shares of the mark that the largest total adds up.
  unsigned shares_asked() const;
};

Result<DetectPlan> plan_detection(const checkpoint::Anatomy& anatomy,
                                  const checkpoint::Vocabulary& vocabulary,
                                  const DetectRequest& request);

}  // namespace wmk::verify
