// The answer of a trace while it is found: the scores with the smallest p so far.
//
// Lifetime: owns the Trace until it is taken. Thread-safety: one thread.
#pragma once

#include "checkpoint/readings/reading.h"
#include "verify/trace/trace_score.h"

namespace wmk::verify {

class TraceAnswer {
 public:
  // Keeps the score with the smallest p; of equal ones, that with the largest z.
  void consider(const checkpoint::Reading& reading, const Hypothesis& hypothesis, TraceScore score);

  bool is_empty() const { return found_.best.empty(); }
  bool is_yes() const { return !is_empty() && report::is_yes(found_.best.front().level); }
  Trace& found() { return found_; }

 private:
  Trace found_;
  double ln_p_ = 0;  // without the limit of 0
};

}  // namespace wmk::verify
