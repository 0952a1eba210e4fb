// Names beyond those of state dicts: descriptions of distributed checkpoints, training runs.
//
// Thread-safety: pure function.
#pragma once

#include <optional>
#include <string_view>

#include "checkpoint/torch/pickle_symbol.h"

namespace wmk::checkpoint {

// None: the name is not allowed in such a pickle.
std::optional<PickleSymbol> find_record_symbol(std::string_view module, std::string_view name,
                                               PickleNames names);

}  // namespace wmk::checkpoint
