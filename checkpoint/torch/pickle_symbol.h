// The Python names that a state dict is made of.
//
// Purpose: the list of all names that a pickle may mention; any other ends the reading. A name is a
// word to us: none leads to code. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

struct PickleSymbol {
  enum class Kind : uint8_t {
    ordered_dict,
    rebuild_tensor,     // (storage, offset, shape, strides, requires_grad, hooks)
    rebuild_tensor_v3,  // the same and a dtype
    rebuild_parameter,  // (tensor, requires_grad, hooks)
    rebuild_from_type,  // (one of the above, class, its arguments, state)
    size,
    storage,
    dtype,
    tensor_class,  // torch.Tensor, Parameter: the class of rebuild_from_type
    inert,         // may be called and gives a value that nobody looks at
  };
  Kind kind = Kind::inert;
  // Of a storage or dtype; none: an untyped storage, or a type that we have no name for.
  std::optional<DType> dtype;
  bool is_untyped = false;
};

// An Error (unsupported) names what is not on the list.
Result<PickleSymbol> find_pickle_symbol(std::string_view module, std::string_view name);

}  // namespace wmk::checkpoint
