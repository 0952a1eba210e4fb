// Licensees in the output head of a model, read from its weights (specs/verdicts.md 5).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/trace/trace_answer.h"

namespace wmk::verify {

// The best licensees with the number of pairs that gives the smallest p, if it is a *yes*. Each
// number that a mark may have is tried under the labels of the hypothesis, at five times its price,
// after the sums of the base are subtracted.
// Errors: reading.
Result<std::optional<TraceScore>> trace_output(const Subject& suspect, const Hypothesis& hypothesis,
                                               const TraceRequest& request);

}  // namespace wmk::verify
