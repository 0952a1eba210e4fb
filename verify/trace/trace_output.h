// What the output heads of a model show of its licensees, read from weights (specs/verdicts.md 5).
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <optional>
#include <vector>

#include "embed/licensees/own_directions.h"
#include "embed/licensees/release_head.h"
#include "verify/hypotheses.h"
#include "verify/trace/trace.h"

namespace wmk::verify {

struct TraceHead {
  embed::SlotSums sums;  // less those of the base
  uint64_t rows = 0, width = 0;
  std::string name = {};                         // of the tensor, where two may be the head
  std::optional<embed::OwnDirections> own = {};  // of a head that may carry a licensee's mark

  // Of an untouched copy.
  double expected_z(size_t pairs) const;
};

struct TraceHeads {
  std::vector<TraceHead> read;
  size_t candidates = 1;  // read or not: each pays for all

  // What a statistic with the output head costs, where one of the FFN costs `price`: half for the
  // span, where each number of pairs that a mark may have is tried, and half for own directions.
  double span_price(double price) const;
  double own_price(double price) const;
};

// Under the labels of this frame. Errors: reading.
Result<TraceHeads> read_trace_heads(const Subject& subject, FrameSource frame,
                                    const TraceRequest& request);

}  // namespace wmk::verify
