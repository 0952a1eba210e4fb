// The Python names that may occur in a state dict.
//
// Purpose: lists all names that a pickle may contain; any other is an error. A name is never looked
// up in Python or executed. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

enum class PickleSymbolKind : uint8_t {
  ordered_dict,
  rebuild_tensor,     // (storage, offset, shape, strides, requires_grad, hooks)
  rebuild_tensor_v3,  // the same and a dtype
  rebuild_parameter,  // (tensor, requires_grad, hooks)
  rebuild_from_type,  // (one of the above, class, its arguments, state)
  size,
  storage,
  dtype,
  tensor_class,  // torch.Tensor, Parameter: the class of rebuild_from_type
  inert,         // may be called; its value is not used
};

struct PickleSymbol {
  PickleSymbolKind kind = PickleSymbolKind::inert;
  // Of a storage or dtype; none: an untyped storage, or a type without a DType.
  std::optional<DType> dtype;
  bool is_untyped = false;
};

// An Error (unsupported) names what is not on the list.
Result<PickleSymbol> find_pickle_symbol(std::string_view module, std::string_view name);

}  // namespace wmk::checkpoint
