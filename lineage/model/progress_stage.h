// One stage of a comparison on the progress bar.
//
// Purpose: converts the tasks that a test counts into the work that the bar shows. Lifetime: the
// stage begins and ends with its scope.
// Thread-safety: advance() may be called from any worker.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

class ProgressStage {
 public:
  // Counts tasks; `name` must outlive the stage.
  ProgressStage(const ModelPair& pair, const char* name, size_t tasks);
  // Counts bytes: all tasks together read about `weights` weights of both models.
  ProgressStage(const ModelPair& pair, const char* name, double weights, size_t tasks);

  void advance() { steps_.advance(); }  // a task is done

 private:
  Steps steps_;
};

// Runs work that does not report its progress as a stage of one task.
auto in_one_step(const ModelPair& pair, const char* name, const auto& work) {
  ProgressStage stage(pair, name, 1);
  auto out = work();
  stage.advance();
  return out;
}

}  // namespace wmk::lineage
