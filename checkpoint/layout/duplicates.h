// Tensors with one name behind different wrappers ("model.x" and "module.model.x").
//
// Purpose: some tools save a model together with its wrapped self. The copy that loaders read is
// kept, the others are hidden from naming rules. Thread-safety: pure function; reads tensors.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/name_table.h"

namespace wmk::checkpoint {

struct Duplicates {
  std::vector<size_t> tensors;    // hidden; ascending
  std::vector<size_t> differing;  // of those: their values differ from the tensor that is kept
  std::vector<std::string> notes;
};

// Hides all but one tensor of each name in `names`. An Error is one of reading.
Result<Duplicates> hide_duplicates(const Checkpoint& checkpoint, NameTable& names);

}  // namespace wmk::checkpoint
