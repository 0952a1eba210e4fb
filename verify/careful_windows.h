// Windows of careful sketches as hypotheses (specs/verdicts.md 2, specs/careful.md).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "embed/read/coordinate_memo.h"
#include "verify/answer.h"

namespace wmk::verify {

// Which windows: those of neurons and of heads, on `part` of each, in whole FFNs and layers that
// are spread over the depth.
struct WindowPass {
  embed::Sites sites;
  double part = 1;
  embed::ScanMemo memo = {};  // may have coordinates of the neurons
};

// Scores the windows, those with most neurons and heads first, each at the place behind the plain
// hypothesis that its number says: the first window of neurons and the first of heads are sites of
// one hypothesis. `structures` are those of the hypothesis. False: more need not be read, since the
// first window would have shown an untouched copy, and no window shows anything (reading_pass.h).
Result<bool> try_windows(const PlannedReading& reading, const Hypothesis& plain,
                         const std::vector<embed::Structure>& structures, const WindowPass& pass,
                         const DetectRequest& request, Answer& answer);

// Windows of a model that is read as it declares itself, by site: for controls.
Result<std::vector<std::vector<SiteReading>>> read_windows(
    const Subject& subject, const std::vector<unsigned>& shares,
    const std::vector<embed::Structure>& structures, embed::Sites sites,
    const DetectRequest& request);

}  // namespace wmk::verify
