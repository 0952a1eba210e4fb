// Tracing: which licensee's copy is this? (specs/verdicts.md 3)
//
// Null hypothesis for each id: its codes are uniform and independent of the suspect. p is
// multiplied by the price of the frame, which counts every id, both tag rules, FFN and output head,
// and the rounds (verify/licensees/rounds.h). Thread-safety: one caller; starts its own workers.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "verify/detect.h"
#include "verify/licensees/rounds.h"

namespace wmk::verify {

// z of a site saturates: it is a sum of 4096 signs, divided by its length.
inline constexpr double kTraceZMax = 64;

struct TraceRequest {
  const crypto::SecretBytes* master = nullptr;
  std::vector<std::string> licensees;
  std::optional<Subject> base;       // if set, its sketch is subtracted first
  CarriedFrames* carried = nullptr;  // optional: the release's frame, carried by neurons
  ClaimSources sources = {};
  ReadingScope readings = ReadingScope::usual;
  bool is_unlisted = false;  // as in detection
  double alpha = kDefaultAlpha;
  size_t listed_min = kTraceListMin;
  embed::PartSums* sums = nullptr;  // of processes that trace together
  unsigned threads = 1;
  Progress* progress = nullptr;
};

// Where licensees' marks are read.
enum class TraceSite { ffn, output, both };
// As in JSON.
constexpr std::string_view to_string(TraceSite site) {
  return site == TraceSite::ffn ? "ffn" : site == TraceSite::output ? "output" : "both";
}

struct Trace {
  report::Level level = report::Level::undecided;  // of the best licensee
  // Everybody who is named, then others: at least as many as were asked for.
  std::vector<LicenseeZ> best;
  size_t named = 0;
  unsigned rounds = 1;
  size_t tested = 0;
  std::optional<Doubt> doubt;             // why it is undecided
  bool is_unlisted = false;               // as requested
  std::optional<CarriedSummary> carried;  // of the map, if it was tried
  Claim claim;
  std::string reading_words = "declared";
  unsigned place = 1;
  double price = 1;
  double length = 1;
  FrameSource frame = FrameSource::strings;
  TraceSite site = TraceSite::ffn;  // of the answer
  size_t pairs = 0;                 // of the output head, if it is the site or one of both
  bool own_directions = false;      // whether it was read along the directions of each licensee
  std::string head = {};            // the tensor that was read, where two may be the output head
  embed::TagRule tags = embed::TagRule::hard;
  // Of an untouched copy at the default strength, without a base; in a site at most kTraceZMax.
  double expected_z = 0;
  uint64_t weights = 0;
  std::vector<Tried> tried;  // in the order of trying
};

// Follows the list of readings like detection; other readings are left early (specs/verdicts.md 5).
Result<Trace> trace(checkpoint::ReadingList& readings, const TraceRequest& request);
// In the declared reading, as the whole list.
Result<Trace> trace(const Subject& suspect, const TraceRequest& request);

}  // namespace wmk::verify
