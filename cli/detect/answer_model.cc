#include "cli/detect/answer_model.h"

namespace wmk::cli {

Result<AnswerModel> answer_model(checkpoint::ReadingList& suspect, size_t index) {
  auto reading = suspect.open(index);
  if (!reading) return std::move(reading).error();
  const checkpoint::Config* config = suspect.config();
  return AnswerModel{*std::move(reading), config ? *config : checkpoint::Config()};
}

}  // namespace wmk::cli
