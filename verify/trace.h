// Tracing: which licensee's copy is this? (specs/verdicts.md 3)
//
// Null hypothesis for each id: its code is uniform and independent of the suspect. p accounts for
// every id, frame and tag rule tried. Thread-safety: one caller; starts its own workers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "verify/detect.h"

namespace wmk::verify {

inline constexpr size_t kTraceListMax = 20;

struct TraceRequest {
  const crypto::SecretBytes* master = nullptr;
  std::vector<std::string> licensees;
  std::optional<Subject> base;  // if set, its sketch is subtracted first
  double alpha = kDefaultAlpha;
  unsigned threads = 1;
  Progress* progress = nullptr;
};

struct LicenseeZ {
  std::string id;
  double z;
  double ln_p;
  report::Level level;
};

struct Trace {
  report::Level level = report::Level::undecided;  // of the best licensee
  std::vector<LicenseeZ> best;                     // by decreasing z, at most kTraceListMax
  size_t tested = 0;
  double hypotheses = 0;
  FrameSource frame = FrameSource::strings;
  embed::TagRule tags = embed::TagRule::hard;
  double expected_z = 0;  // of an untouched copy at the default strength, without a base
  uint64_t weights = 0;
};

Result<Trace> trace(const Subject& suspect, const TraceRequest& request);

}  // namespace wmk::verify
