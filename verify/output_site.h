// The output head as a site of a reading, read from its weights (specs/output.md 3).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"

namespace wmk::verify {

// Reads the heads that the bytes allow under the labels of the hypothesis (strings or ids) and
// scores them: with the number of pairs of the record, or with each of the five. The price is that
// of the hypothesis times `tried`. Nothing is read if the model has no head that can be. Errors:
// reading the only head.
Result<OutputSite> try_output_site(const PlannedReading& reading, const Hypothesis& hypothesis,
                                   const DetectRequest& request, Answer& answer);

// The same where it is asked for, or the other sites left the matter open: it takes longer. Adds
// the site to the answer and to what the own frame showed.
Status try_output(const PlannedReading& reading, const Hypothesis& hypothesis,
                  const DetectRequest& request, std::optional<OwnReading>& own, Answer& answer);

}  // namespace wmk::verify
