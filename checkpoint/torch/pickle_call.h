// The values of calls in the pickle of a state dict.
//
// Purpose: tensors, storages, sizes and ordered dictionaries are pickled as calls. They are
// replaced by the values that they mean; only the names of pickle_symbol.h are known.
// Thread-safety: none; one caller.
#pragma once

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

// REDUCE and NEWOBJ: `callee` with the tuple `arguments`.
Result<PickleRef> call_pickled(PickleValues& values, PickleRef callee, PickleRef arguments);

// BINPERSID: ("storage", type, key, place, count).
Result<PickleRef> pickled_storage(PickleValues& values, PickleRef id);

// BUILD: sets attributes `state` of `object`. Of a state dict only _metadata is allowed; it is
// dropped. An object keeps them; an opaque value may have some if names of training are allowed.
Status build_pickled(PickleValues& values, PickleRef object, PickleRef state);

}  // namespace wmk::checkpoint
