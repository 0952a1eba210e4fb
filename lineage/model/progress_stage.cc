#include "lineage/model/progress_stage.h"

#include <algorithm>

namespace wmk::lineage {

namespace {

// As stored: of quantised weights fewer bytes are read.
double bytes_of_weight(const Side& side) {
  double bytes = 0, weights = 0;
  for (const auto& tensor : side.checkpoint->tensors()) {
    bytes += static_cast<double>(tensor.stored_bytes());
    weights += static_cast<double>(tensor.elements());
  }
  return weights > 0 ? bytes / weights : 0;
}

}  // namespace

ProgressStage::ProgressStage(const ModelPair& pair, const char* name, size_t tasks)
    : progress_(pair.progress) {
  if (progress_) progress_->begin(name, tasks, Progress::Unit::steps);
}

ProgressStage::ProgressStage(const ModelPair& pair, const char* name, double weights, size_t tasks)
    : progress_(pair.progress) {
  if (!progress_) return;
  const double of_weight = (bytes_of_weight(pair.suspect) + bytes_of_weight(pair.reference)) / 2;
  const auto count = static_cast<double>(std::max<size_t>(1, tasks));
  work_of_task_ = static_cast<uint64_t>(weights * of_weight / count);
  progress_->begin(name, work_of_task_ * tasks);
}

ProgressStage::~ProgressStage() {
  if (progress_) progress_->end();
}

void ProgressStage::advance() {
  if (progress_) progress_->advance(work_of_task_);
}

}  // namespace wmk::lineage
