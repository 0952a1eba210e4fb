// The output head as a site of a reading, read from its weights (specs/output.md 3).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/answer.h"

namespace wmk::verify {

// Reads the head under the labels of the hypothesis (strings or ids) and scores it: with the number
// of pairs of the record, or with each of the five, at five times the price. What was read has the
// largest z first; empty if the model has no head that can be read. Errors: reading.
Result<std::vector<SiteReading>> try_output_site(const PlannedReading& reading,
                                                 const Hypothesis& hypothesis,
                                                 const DetectRequest& request, Answer& answer);

}  // namespace wmk::verify
