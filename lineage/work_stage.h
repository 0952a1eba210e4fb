// One stage of a comparison on the progress bar: so many tasks, which read so many weights.
//
// Purpose: the bar tells bytes and time left, tests know tasks; begins and ends with its scope.
// Thread-safety: advance() may be called from any worker.
#pragma once

#include "lineage/pair.h"

namespace wmk::lineage {

class WorkStage {
 public:
  // `weights`: that all tasks together read of both models, about. `name` must outlive the stage.
  WorkStage(const Pair& pair, const char* name, double weights, size_t tasks);
  ~WorkStage();
  WorkStage(const WorkStage&) = delete;
  WorkStage& operator=(const WorkStage&) = delete;

  void advance();  // a task is done

 private:
  Progress* progress_;
  uint64_t bytes_of_task_ = 0;
};

}  // namespace wmk::lineage
