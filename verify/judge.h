// From z to a verdict (specs/verdicts.md).
//
// Null hypothesis: the carriers are uniform and independent of the suspect and of the frame; p is
// Hoeffding's bound times the number of hypotheses tried. Thread-safety: pure functions.
#pragma once

#include "report/level.h"

namespace wmk::verify {

inline constexpr double kDefaultAlpha = 1e-9;

struct Judgement {
  report::Level level;
  double ln_p;  // at most 0
};

// `expected_z`: z of an untouched copy on all weights, in the largest of the tried totals. Half of
// it is the z of a copy that has lost half of its mark.
Judgement judge(double z, double hypotheses, double expected_z, double alpha);

// Whether this z is conclusive: p <= 2^-128.
bool is_conclusive(double z, double hypotheses);

}  // namespace wmk::verify
