// The output head as a site of a reading, read from its weights (specs/output.md 3, 7).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"

namespace wmk::verify {

// The shares of `stage` in the heads that the bytes allow, under the labels of the frame: strings,
// ids or carried ones. Errors: reading the only head.
Result<OutputSite> read_head_site(const Subject& subject, FrameSource frame, const Stage& stage,
                                  const DetectRequest& request);

// Scores it as a part of the hypothesis. What was read has the largest z first.
Result<OutputSite> try_output_site(const PlannedReading& reading, const Hypothesis& hypothesis,
                                   const DetectRequest& request, Answer& answer);

// The same where it is asked for, or the other sites left the matter open: it takes longer, and
// only under labels of its own or of the release's rows, which may be found where neurons are not.
// Adds the site to the answer and to what the own frame showed.
Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer);

}  // namespace wmk::verify
