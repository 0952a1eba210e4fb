// What the calls in a state dict's pickle stand for.
//
// Purpose: tensors, storages, sizes and ordered dictionaries are written as calls; this makes the
// values they mean, from the names of pickle_symbol.h alone. Thread-safety: none; one caller.
#pragma once

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

// REDUCE and NEWOBJ: `callee` with the tuple `arguments`.
Result<PickleRef> call_pickled(PickleValues& values, PickleRef callee, PickleRef arguments);

// BINPERSID: ("storage", type, key, place, count).
Result<PickleRef> pickled_storage(PickleValues& values, PickleRef id);

// BUILD: `state` is laid on `object`. Only the _metadata of a state dict comes this way, and it is
// dropped.
Status build_pickled(const PickleValues& values, PickleRef object, PickleRef state);

}  // namespace wmk::checkpoint
