// One run of `detect`: what is searched for, and what was found.
//
// Lifetime: values. Thread-safety: main thread only; starts its own workers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/detect/answer_model.h"
#include "cli/detect/detect_options.h"
#include "library/models/detect_models.h"

namespace wmk::cli {

// What the suspect is searched for: the mark of a master key, or one disclosed share.
struct Wanted {
  std::optional<crypto::SecretBytes> key;
  std::optional<claims::CheckedDisclosure> disclosure;
  std::optional<embed::DisclosedShare> share;
  std::optional<embed::MarkRecord> record;
  bool is_shared = false;  // (all) the processes of mpirun detect together

  std::string fingerprint() const {
    return key ? crypto::fingerprint(*key) : disclosure->commitment.commitment->key;
  }
};

// What a detection gives, with the digests of what it depends on.
struct Answered {
  verify::Detection found;
  AnswerModel model;
  InputDigests digests;
  std::vector<std::string> declared_notes;  // where the answer is another reading's
  size_t scans_missed = 0;                  // by a merge, in the parts
};

// What is asked, and the models that the request refers to.
struct PreparedDetection {
  library::DetectModels models;
  verify::DetectRequest request;
};
// The models that options name beside the suspect.
library::DetectPlaces places_of(const DetectOptions& options);
// `request` refers to `wanted`, to the bar, and to itself only through pointers that stay.
Result<PreparedDetection> prepare_detection(const DetectOptions& options, const Wanted& wanted,
                                            checkpoint::ReadingList& suspect, ProgressBar& bar);

// `scans_missed`: of a merge, what it read itself.
Result<verify::Detection> run_detection(const DetectOptions& options, const Wanted& wanted,
                                        checkpoint::ReadingList& suspect, ProgressBar& bar,
                                        size_t& scans_missed);
// Digests of the declared model are computed beside the detection, if there are two threads.
Result<Answered> detect_and_digest(const DetectOptions& options, const Wanted& wanted,
                                   checkpoint::ReadingList& suspect, ProgressBar& bar);

// What was asked and what was found, for the forms of the answer. Refers to all of these.
DetectView view_of(const DetectOptions& options, const Wanted& wanted, const Answered& answered);

}  // namespace wmk::cli
