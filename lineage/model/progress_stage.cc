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

uint64_t work_of_task(const ModelPair& pair, double weights, size_t tasks) {
  if (!pair.progress) return 0;
  const double of_weight = (bytes_of_weight(pair.suspect) + bytes_of_weight(pair.reference)) / 2;
  const auto count = static_cast<double>(std::max<size_t>(1, tasks));
  return static_cast<uint64_t>(weights * of_weight / count);
}

}  // namespace

ProgressStage::ProgressStage(const ModelPair& pair, const char* name, size_t tasks)
    : steps_(pair.progress, name, tasks) {}

ProgressStage::ProgressStage(const ModelPair& pair, const char* name, double weights, size_t tasks)
    : steps_(pair.progress, name, tasks, work_of_task(pair, weights, tasks),
             Progress::Unit::bytes) {}

}  // namespace wmk::lineage
