#include "checkpoint/torch/pickle_symbol.h"

#include <algorithm>

#include "base/text.h"
#include "checkpoint/torch/record_symbol.h"

namespace wmk::checkpoint {
namespace {

struct KnownName {
  std::string_view module, name;
  PickleSymbolKind kind;
};

constexpr KnownName kFunctions[] = {
    {"collections", "OrderedDict", PickleSymbolKind::ordered_dict},
    {"torch._utils", "_rebuild_tensor", PickleSymbolKind::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleSymbolKind::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v3", PickleSymbolKind::rebuild_tensor_v3},
    {"torch._utils", "_rebuild_parameter", PickleSymbolKind::rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", PickleSymbolKind::rebuild_parameter},
    {"torch._tensor", "_rebuild_from_type_v2", PickleSymbolKind::rebuild_from_type},
    {"torch", "Size", PickleSymbolKind::size},
    {"torch", "Tensor", PickleSymbolKind::tensor_class},
    {"torch.nn.parameter", "Parameter", PickleSymbolKind::tensor_class},
    {"torch", "device", PickleSymbolKind::inert},
    {"_codecs", "encode", PickleSymbolKind::inert},
    {"__builtin__", "set", PickleSymbolKind::inert},
    {"__builtin__", "frozenset", PickleSymbolKind::inert},
    {"builtins", "set", PickleSymbolKind::inert},
    {"builtins", "frozenset", PickleSymbolKind::inert},
};

struct StorageType {
  std::string_view storage, dtype, other_dtype;
  std::optional<DType> type;
};

// Names of torch.XStorage and torch.x.
constexpr StorageType kStorageTypes[] = {
    {"DoubleStorage", "float64", "double", DType::f64},
    {"FloatStorage", "float32", "float", DType::f32},
    {"HalfStorage", "float16", "half", DType::f16},
    {"BFloat16Storage", "bfloat16", "", DType::bf16},
    {"LongStorage", "int64", "long", DType::i64},
    {"IntStorage", "int32", "int", DType::i32},
    {"ShortStorage", "int16", "short", DType::i16},
    {"CharStorage", "int8", "", DType::i8},
    {"ByteStorage", "uint8", "", DType::u8},
    {"BoolStorage", "bool", "", DType::boolean},
    {"ComplexFloatStorage", "complex64", "cfloat", DType::c64},
    {"ComplexDoubleStorage", "complex128", "cdouble", std::nullopt},
    {"", "uint16", "", DType::u16},
    {"", "uint32", "", DType::u32},
    {"", "uint64", "", DType::u64},
    {"", "float8_e4m3fn", "", DType::f8_e4m3},
    {"", "float8_e5m2", "", DType::f8_e5m2},
    {"", "float8_e4m3fnuz", "", DType::f8_e4m3fnuz},
    {"", "float8_e5m2fnuz", "", DType::f8_e5m2fnuz},
    {"", "float8_e8m0fnu", "", DType::f8_e8m0},
};

std::optional<PickleSymbol> find_type(std::string_view name) {
  for (const StorageType& type : kStorageTypes) {
    if (name == type.storage) return PickleSymbol{PickleSymbolKind::storage, type.type};
    if (name == type.dtype || name == type.other_dtype)
      return PickleSymbol{PickleSymbolKind::dtype, type.type};
  }
  return std::nullopt;
}

Error refusal(std::string_view module, std::string_view name) {
  const std::string full = escaped(cat(module.substr(0, 200), ".", name.substr(0, 200)));
  if (module == "torch._utils" && name.starts_with("_rebuild_")) {
    return Error(ErrorCode::unsupported,
                 cat("'", full, "' makes a kind of tensor that is not read"))
        .with_hint("make it a plain tensor in torch and save again");
  }
  return Error(ErrorCode::unsupported, cat("'", full, "' is not part of a state dict: this file ",
                                           "may be hostile; nothing was executed"))
      .with_hint("if you trust its maker, load it with torch and save its state_dict() alone");
}

}  // namespace

Result<PickleSymbol> find_pickle_symbol(std::string_view module, std::string_view name,
                                        PickleNames names) {
  const auto found = std::find_if(
      std::begin(kFunctions), std::end(kFunctions),
      [&](const KnownName& entry) { return entry.module == module && entry.name == name; });
  if (found != std::end(kFunctions)) return PickleSymbol{found->kind, std::nullopt};
  if (module == "torch.storage" && name == "UntypedStorage") {
    return PickleSymbol{PickleSymbolKind::storage, std::nullopt, true};
  }
  if (module == "torch" && !name.empty()) {
    if (const auto type = find_type(name)) return *type;
  }
  if (const auto symbol = find_record_symbol(module, name, names)) return *symbol;
  return refusal(module, name);
}

}  // namespace wmk::checkpoint
