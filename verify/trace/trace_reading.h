// What one frame of one reading shows of every licensee.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "verify/structure_cache.h"
#include "verify/trace/trace.h"

namespace wmk::verify {

// The trace structure on a frame of the subject, and its sketch.
struct TraceReading {
  std::shared_ptr<const std::vector<embed::Structure>> structures;  // one
  embed::SketchSet sketches;

  const embed::Structure& structure() const { return structures->front(); }

  double length(embed::TagRule rule) const;
};

// Reads frames of a suspect's readings, and of the base. Each frame is made once.
class TraceReader {
 public:
  explicit TraceReader(const TraceRequest& request);

  // Whether it was called with a reading of the same units and labels: readings of other heads are
  // repetitions here.
  bool is_repeated(const checkpoint::Reading& reading);

  // Reads this part of the units, in the order of a scan.
  Result<TraceReading> read(const checkpoint::Reading& reading, FrameSource frame, double part);
  Result<TraceReading> read_base(FrameSource frame) const;

 private:
  const TraceRequest& request_;
  StructureCache structures_;
  std::vector<checkpoint::Reading> seen_;
};

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
