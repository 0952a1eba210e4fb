// Finds the state dict in the pickle of a PyTorch file.
//
// Purpose: a file is the state dict itself or wraps it ({"model": ...}, {"epoch": 3, "state_dict":
// ...}). The dictionary with the most tensors directly in it is taken. HQQ saves a dictionary of
// modules, each of which is a state dict; their names are joined. Lifetime: tensors are views into
// the values. Thread-safety: pure function.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

// A whole number, a text or a tuple of whole numbers.
using PickledAttribute = std::variant<int64_t, std::string, std::vector<int64_t>>;

struct StateDict {
  std::vector<std::pair<std::string, const PickledTensor*>> tensors;
  std::vector<std::pair<std::string, PickledAttribute>> attributes;  // only of modules
  std::vector<std::string> notes;
};

Result<StateDict> find_state_dict(const PickleValues& values);

}  // namespace wmk::checkpoint
