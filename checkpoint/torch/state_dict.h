// Finds the state dict in the pickle of a PyTorch file.
//
// Purpose: a file is the state dict itself or wraps it ({"model": ...}, {"epoch": 3, "state_dict":
// ...}). The dictionary with the most tensors directly in it is taken. Lifetime: names are views
// into the values. Thread-safety: pure function.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

struct StateDict {
  std::vector<std::pair<std::string_view, const PickledTensor*>> tensors;
  std::vector<std::string> notes;
};

Result<StateDict> find_state_dict(const PickleValues& values);

}  // namespace wmk::checkpoint
