// Where a frame comes from, and the structures built on it (specs/verdicts.md 2).
//
// Lifetime: a Subject refers to its parts. Thread-safety: pure functions; share_structures starts
// its own workers.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/readings/reading.h"
#include "embed/scheme/structure.h"
#include "verify/claims/frame_kind.h"

namespace wmk::verify {

// A checkpoint with what is needed to scan it.
struct Subject {
  const checkpoint::Checkpoint* checkpoint;
  const checkpoint::Anatomy* anatomy;
  const checkpoint::Vocabulary* vocabulary;
};
inline Subject subject_of(const checkpoint::Reading& reading) {
  return {reading.checkpoint.get(), reading.anatomy.get(), reading.vocabulary.get()};
}

// One label for each row of the embedding; `source` is strings or ids.
std::vector<std::string> make_labels(const Subject& subject, FrameSource source);

struct DetectRequest;

// The structures of the given shares of the request's key, on frames from `source`.
Result<std::vector<embed::Structure>> share_structures(const Subject& subject, FrameSource source,
                                                       const std::vector<unsigned>& shares,
                                                       const DetectRequest& request);

}  // namespace wmk::verify
