// All licensees in one hypothesis: FFN, output head and both together, round by round
// (specs/licensees.md 2).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <vector>

#include "verify/licensees/rounds.h"
#include "verify/trace/trace_output.h"

namespace wmk::verify {

// The FFN of one hypothesis.
struct TraceFfn {
  std::vector<std::vector<double>> sums;  // by tag rule, in the order of kTagRules
  std::vector<double> expected_z, length;
  uint64_t weights = 0;
};

// What the statistic with the smallest p showed.
struct TraceScore {
  Rounds found = {};
  TraceSite site = TraceSite::ffn;
  double price = 1;
  double expected_z = 0;
  uint64_t weights = 0;
  double length = 1;                           // of the sketch; 1 in the output head
  embed::TagRule tags = embed::TagRule::hard;  // of the FFN
  size_t pairs = 0;                            // of the output head
  bool own_directions = false;                 // how it was read
  std::string head = {};                       // its tensor, where two may be it
};

// `price`: of one id in the FFN. A head that is too small for a licensee's mark is scored alone,
// and not together with the FFN.
TraceScore score_licensees(TraceFfn ffn, TraceHeads heads, double price,
                           const TraceRequest& request);

}  // namespace wmk::verify
