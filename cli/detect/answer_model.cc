#include "cli/detect/answer_model.h"

#include "library/models/model_notes.h"

namespace wmk::cli {

std::vector<std::string> AnswerModel::notes() const {
  return library::model_notes(*reading.checkpoint, *reading.anatomy, *reading.vocabulary);
}

Result<AnswerModel> answer_model(checkpoint::ReadingList& suspect, size_t index) {
  auto reading = suspect.open(index);
  if (!reading) return std::move(reading).error();
  const checkpoint::Config* config = suspect.config();
  return AnswerModel{*std::move(reading), config ? *config : checkpoint::Config()};
}

}  // namespace wmk::cli
