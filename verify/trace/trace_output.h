// Licensees in the output head of a model, read from its weights (specs/verdicts.md 5).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include "verify/trace/trace_answer.h"

namespace wmk::verify {

// The best licensees for each number of pairs that a mark may have, at five times the price of the
// hypothesis, whose labels are used. Empty if the model has no head that can be read. Errors:
// reading.
Result<std::vector<TraceScore>> trace_output(const Subject& suspect, const Hypothesis& hypothesis,
                                             const TraceRequest& request);

}  // namespace wmk::verify
