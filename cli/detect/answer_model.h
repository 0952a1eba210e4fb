// The model as an answer reads it.
//
// Lifetime: shares ownership of its parts. Thread-safety: immutable.
#pragma once

#include "checkpoint/readings/reading_list.h"
#include "cli/inputs.h"

namespace wmk::cli {

// The reading of the answer, with the config of the declared one.
struct AnswerModel {
  checkpoint::Reading reading;
  checkpoint::Config config;

  ModelView view() const {
    return {*reading.checkpoint, config, *reading.anatomy, *reading.vocabulary};
  }
  // About its files (library/models/model_notes.h).
  std::vector<std::string> notes() const;
};

// Errors: this reading cannot be made.
Result<AnswerModel> answer_model(checkpoint::ReadingList& suspect, size_t index);

}  // namespace wmk::cli
