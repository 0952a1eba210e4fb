// The output head as a site of a reading, read from its weights (specs/output.md 3, 7).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"

namespace wmk::verify {

struct HeadSite {
  // With the number of pairs of the record, or with each of the five. Empty if there is no head
  // that can be read, or its rows have no labels.
  std::vector<SiteReading> readings = {};
  double price = 1;  // times that of the hypothesis: what else could have been scored
  std::optional<CarriedTokens> tokens = {};
};

// The shares of `stage`, under the labels of the frame: strings, ids or carried ones. Errors:
// reading.
Result<HeadSite> read_head_site(const Subject& subject, FrameSource frame, const Stage& stage,
                                const DetectRequest& request);

// Scores it as a part of the hypothesis. What was read has the largest z first.
Result<std::vector<SiteReading>> try_output_site(const PlannedReading& reading,
                                                 const Hypothesis& hypothesis,
                                                 const DetectRequest& request, Answer& answer);

// The same where it is asked for, or the other sites left the matter open: it takes longer, and
// only under labels of its own or of the release's rows, which may be found where neurons are not.
// Adds the site to the answer and to what the own frame showed.
Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer);

}  // namespace wmk::verify
