// The Python names that may occur in a pickle.
//
// Purpose: lists all names that a pickle of each kind may contain; any other is an error. A name is
// never looked up in Python or executed. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

// What a pickle holds, which decides on the names in it.
enum class PickleNames : uint8_t {
  state_dict,   // a state dict alone
  distributed,  // also the description of a distributed checkpoint
  training,     // also the options and random states of a training run (Megatron)
};

// Classes whose attributes are read.
enum class PickleClass : uint8_t {
  other,
  metadata,           // of a distributed checkpoint, and what it consists of:
  tensor_metadata,    // properties, size, chunks
  tensor_properties,  // (dtype, ...)
  chunk_metadata,     // offsets, sizes
  index,              // fqn, offset: which chunk of which tensor
  place,              // relative_path, offset, length
};

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
  record,        // a class; its objects keep their attributes
  inert,         // may be called; its value is not used
};

struct PickleSymbol {
  PickleSymbolKind kind = PickleSymbolKind::inert;
  // Of a storage or dtype; none: an untyped storage, or a type without a DType.
  std::optional<DType> dtype;
  bool is_untyped = false;
  PickleClass of_class = PickleClass::other;  // of a record
};

// An Error (unsupported) names what is not on the list.
Result<PickleSymbol> find_pickle_symbol(std::string_view module, std::string_view name,
                                        PickleNames names = PickleNames::state_dict);

}  // namespace wmk::checkpoint
