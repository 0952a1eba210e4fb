// One stage of a comparison on the progress bar: so many tasks.
//
// Purpose: the bar tells work and time left, tests know tasks; begins and ends with its scope.
// Thread-safety: advance() may be called from any worker.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

class WorkStage {
 public:
  // Of tasks that compute; `name` must outlive the stage.
  WorkStage(const Pair& pair, const char* name, size_t tasks);
  // `weights`: that all tasks together read of both models, about.
  WorkStage(const Pair& pair, const char* name, double weights, size_t tasks);
  ~WorkStage();
  WorkStage(const WorkStage&) = delete;
  WorkStage& operator=(const WorkStage&) = delete;

  void advance();  // a task is done

 private:
  Progress* progress_;
  uint64_t work_of_task_ = 1;
};

// What cannot tell how far it is: a stage of one task.
auto in_one_step(const Pair& pair, const char* name, const auto& work) {
  WorkStage stage(pair, name, 1);
  auto out = work();
  stage.advance();
  return out;
}

}  // namespace wmk::lineage
