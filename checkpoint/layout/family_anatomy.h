// The anatomy of a checkpoint as one family of naming rules reads it.
//
// Purpose: what make_anatomy() does for the family that it chooses, for any other family.
// Lifetime: a FamilyChoice points to its family. Thread-safety: pure functions; they read norm
// weights.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/layout/duplicates.h"
#include "checkpoint/layout/family_choice.h"
#include "checkpoint/layout/quantised.h"

namespace wmk::checkpoint {

// The tensors of a checkpoint by name. Those that are quantised in a way that is not read, and
// those that occur twice, are hidden.
struct NamedCheckpoint {
  NameTable names = {};
  UnreadQuantised unread = {};
  Duplicates duplicates = {};
  std::string type = {};  // model_type
  std::vector<std::string> notes = {};
};

// `rules`, or all families that come with the program.
std::vector<const NamingFamily*> families_to_try(const NamingFamily* rules);

Result<NamedCheckpoint> name_tensors(const Checkpoint& checkpoint, const Config& config,
                                     std::span<const NamingFamily* const> families);

// Errors: reading; half of the units or more would be skipped.
Result<Anatomy> anatomy_of(const Checkpoint& checkpoint, const Config& config,
                           const NamedCheckpoint& named, FamilyChoice choice);

}  // namespace wmk::checkpoint
