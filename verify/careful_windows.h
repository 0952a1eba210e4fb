// Windows of careful sketches as hypotheses (specs/verdicts.md 2, specs/careful.md).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "verify/answer.h"

namespace wmk::verify {

// Scores the windows, most neurons first, each at the place behind the plain hypothesis that its
// number says. `structures` are those of the hypothesis. `part` of the units is read, in whole FFNs
// that are spread over the depth. False: more need not be read, since the first window would have
// shown an untouched copy, and no window shows anything (reading_pass.h).
Result<bool> try_windows(const PlannedReading& reading, const Hypothesis& plain,
                         const std::vector<embed::Structure>& structures, double part,
                         const DetectRequest& request, Answer& answer);

}  // namespace wmk::verify
