// Tracing: which licensee's copy is this? (specs/verdicts.md 3)
//
// Null hypothesis for each id: its code is uniform and independent of the suspect. p is
// multiplied by the price of the frame, which counts every id and both tag rules. Thread-safety:
// one caller; starts its own workers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "verify/detect.h"

namespace wmk::verify {

inline constexpr size_t kTraceListMin = 20;
// z saturates: it is a sum of 4096 signs, divided by its length.
inline constexpr double kTraceZMax = 64;

struct TraceRequest {
  const crypto::SecretBytes* master = nullptr;
  std::vector<std::string> licensees;
  std::optional<Subject> base;       // if set, its sketch is subtracted first
  CarriedFrames* carried = nullptr;  // optional: the release's frame, carried by neurons
  ClaimSources sources = {};
  ReadingScope readings = ReadingScope::usual;
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
  // By decreasing listed_z(): everybody who is named, at least kTraceListMin.
  std::vector<LicenseeZ> best;
  size_t tested = 0;
  std::optional<Doubt> doubt;             // why it is undecided
  std::optional<CarriedSummary> carried;  // of the map, if it was tried
  Claim claim;
  std::string reading_words = "declared";
  unsigned place = 1;
  double price = 1;
  double length = 1;
  FrameSource frame = FrameSource::strings;
  embed::Site site = embed::Site::ffn;  // of the answer: FFN or output head
  size_t pairs = 0;                     // of the output head, if it is the site
  embed::TagRule tags = embed::TagRule::hard;
  // Of an untouched copy at the default strength, without a base. At most kTraceZMax.
  double expected_z = 0;
  uint64_t weights = 0;
  std::vector<Tried> tried;  // in the order of trying
};

// Follows the list of readings like detection; other readings are left early (specs/verdicts.md 5).
Result<Trace> trace(checkpoint::ReadingList& readings, const TraceRequest& request);
// In the declared reading, as the whole list.
Result<Trace> trace(const Subject& suspect, const TraceRequest& request);

}  // namespace wmk::verify
