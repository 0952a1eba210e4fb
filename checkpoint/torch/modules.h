// The state dicts of HQQ: a dictionary of modules, each of which is a dictionary of tensors and
// values.
//
// Purpose: joins names of modules and tensors ("model.layers.0.mlp.up_proj" and "W_q"), and keeps
// the values that say how they are stored. Lifetime: see StateDict. Thread-safety: pure functions.
#pragma once

#include "checkpoint/torch/state_dict.h"

namespace wmk::checkpoint {

// A dictionary one of whose values is a dictionary with a tensor "W_q".
bool holds_modules(const PickleValues& values, PickleRef ref);
Result<StateDict> collect_modules(const PickleValues& values, PickleRef dict);

// An Error for a name that is empty or has a control character, and for one that occurs twice.
Status check_name(std::string_view name);
Status check_distinct(const StateDict& dict);

}  // namespace wmk::checkpoint
