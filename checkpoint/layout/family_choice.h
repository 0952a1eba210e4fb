// Which family of naming rules a checkpoint is read by (specs/naming.md 4).
//
// Purpose: names choose, shapes confirm, and model_type settles what neither can.
// Lifetime: a Choice points into the families it was given. Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

struct Choice {
  const Family* family = nullptr;
  Layout layout;
  std::vector<std::string> notes;  // what a reader should know of how it was chosen
};

// The family that covers `model_type` if it fits; else, of those that recognise most tensors, the
// first that fits. Errors: none fits (told with the reason of the best one, or with the list of
// what was recognised), or families that fit equally well place the vectors differently.
Result<Choice> choose_family(const std::vector<Tensor>& tensors, const NameTable& names,
                             std::string_view model_type, std::span<const Family* const> families);

}  // namespace wmk::checkpoint
