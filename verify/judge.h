// What a z is worth (specs/verdicts.md).
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

// `expected_z`: what an untouched copy would show on all weights, in the most telling of the tried
// totals; half of it is what a copy with half of its mark left would show.
Judgement judge(double z, double hypotheses, double expected_z, double alpha);

// Would this z settle the matter (p <= 2^-128)?
bool is_conclusive(double z, double hypotheses);

}  // namespace wmk::verify
