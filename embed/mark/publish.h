// The last steps of embedding: the release and its record get their names.
//
// Purpose: after a kill at any step, the release that has the final name and its record fit:
//   0. what an earlier run left between its steps 2 and 3 is finished;
//   1. the new record is written beside the old one, as OUT.mark.new, and synced;
//   2. the release gets its name, in exchange for an existing one;
//   3. OUT.mark.new becomes OUT.mark;
//   4. the replaced release is removed.
// Between 2 and 3 readers take OUT.mark.new, whose digest fits (embed/scheme/fitting_record.h).
// Thread-safety: one caller.
#pragma once

#include <filesystem>
#include <functional>

#include "checkpoint/write/copy.h"
#include "embed/scheme/record.h"

namespace wmk::embed {

inline constexpr int kPublishSteps = 4;

struct Publication {
  std::filesystem::path out;
  std::filesystem::path record;
  bool replace = false;
  // Called before each step with its number, and with kPublishSteps + 1 at the end. For tests.
  std::function<void(int step)> before_step;
};

Status publish(checkpoint::CheckpointCopy copy, const MarkRecord& record,
               const Publication& publication);

}  // namespace wmk::embed
