// Chooses the family of naming rules for a checkpoint (specs/naming.md 4).
//
// Purpose: compares names and shapes, and uses model_type where they leave a choice.
// Lifetime: a FamilyChoice points into the families it was given. Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

struct FamilyChoice {
  const NamingFamily* family = nullptr;
  Layout layout;
  std::vector<std::string> notes;  // about the choice
};

// The family that covers `model_type` if it fits; else, of those that recognise most tensors, the
// first that fits. If none fits as a whole, the same with layers skipped. Errors: no family fits
// (the message has the reason for the best one, or the list of what was recognised), or families
// that fit equally well place the vectors differently.
Result<FamilyChoice> choose_family(const std::vector<Tensor>& tensors, const NameTable& names,
                                   std::string_view model_type,
                                   std::span<const NamingFamily* const> families);

}  // namespace wmk::checkpoint
