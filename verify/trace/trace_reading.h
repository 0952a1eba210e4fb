// What one frame of one reading shows of every licensee.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "verify/trace/trace.h"

namespace wmk::verify {

// The trace structure on a frame of the subject, and its sketch.
struct TraceReading {
  std::shared_ptr<const std::vector<embed::Structure>> structures;  // one
  embed::SketchSet sketches;

  const embed::Structure& structure() const { return structures->front(); }

  double length(embed::TagRule rule) const;
};

// The trace structure on a frame of the subject.
Result<std::vector<embed::Structure>> trace_structures(const Subject& subject, FrameSource source,
                                                       const TraceRequest& request);

// What names a pass, and which part of the units it reads, in the order of a scan.
struct TracePass {
  FrameSource frame;
  double part;
};
Result<TraceReading> read_trace(const Subject& subject, TracePass pass,
                                std::shared_ptr<const std::vector<embed::Structure>> structures,
                                const TraceRequest& request);

// Sums of the slots by tag rule, in the order of kTagRules, after the sketch of `base` is
// subtracted.
std::vector<std::vector<double>> licensee_sums(const TraceReading& suspect,
                                               const std::optional<TraceReading>& base);

// z of an untouched copy of a mark of this strength, of which `part` was read.
double expected_trace_z(const checkpoint::Anatomy& anatomy, double strength, FrameSource frame,
                        double part, double length, const TraceRequest& request);
// A reading is left below this z: what the best of so many ids about reaches by chance, and 3 more.
double leave_below(size_t ids);

}  // namespace wmk::verify
