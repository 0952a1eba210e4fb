// The answer of a trace while it is found: the scores with the smallest p so far.
//
// Lifetime: owns the Trace until it is taken. Thread-safety: one thread.
#pragma once

#include "checkpoint/readings/reading.h"
#include "verify/trace/trace.h"

namespace wmk::verify {

// z of the best licensees in one site of a hypothesis.
struct TraceScore {
  embed::Site site = embed::Site::ffn;
  std::vector<LicenseeZ> best = {};  // not empty
  double price = 1;
  double expected_z = 0;
  uint64_t weights = 0;
  double length = 1;                           // of the sketch; 1 in the output head
  embed::TagRule tags = embed::TagRule::hard;  // the output head has none
  size_t pairs = 0;                            // of the output head
};

class TraceAnswer {
 public:
  // Keeps the score whose first licensee has the smallest p; of equal ones, the largest z.
  void consider(const checkpoint::Reading& reading, const Hypothesis& hypothesis, TraceScore score);

  bool is_empty() const { return found_.best.empty(); }
  bool is_yes() const { return !is_empty() && report::is_yes(found_.best.front().level); }
  Trace& found() { return found_; }

 private:
  Trace found_;
  double ln_p_ = 0;  // without the limit of 0
};

}  // namespace wmk::verify
