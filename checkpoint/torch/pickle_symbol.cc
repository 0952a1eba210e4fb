#include "checkpoint/torch/pickle_symbol.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

using Kind = PickleSymbol::Kind;

struct Entry {
  std::string_view module, name;
  Kind kind;
};

constexpr std::array kFunctions = {
    Entry{"collections", "OrderedDict", Kind::ordered_dict},
    Entry{"torch._utils", "_rebuild_tensor", Kind::rebuild_tensor},
    Entry{"torch._utils", "_rebuild_tensor_v2", Kind::rebuild_tensor},
    Entry{"torch._utils", "_rebuild_tensor_v3", Kind::rebuild_tensor_v3},
    Entry{"torch._utils", "_rebuild_parameter", Kind::rebuild_parameter},
    Entry{"torch._utils", "_rebuild_parameter_with_state", Kind::rebuild_parameter},
    Entry{"torch._tensor", "_rebuild_from_type_v2", Kind::rebuild_from_type},
    Entry{"torch", "Size", Kind::size},
    Entry{"torch", "Tensor", Kind::tensor_class},
    Entry{"torch.nn.parameter", "Parameter", Kind::tensor_class},
    Entry{"torch", "device", Kind::inert},
    Entry{"_codecs", "encode", Kind::inert},
    Entry{"__builtin__", "set", Kind::inert},
    Entry{"__builtin__", "frozenset", Kind::inert},
    Entry{"builtins", "set", Kind::inert},
    Entry{"builtins", "frozenset", Kind::inert},
};

struct Type {
  std::string_view storage, dtype, other_dtype;
  std::optional<DType> type;
};

// Names of torch.XStorage and torch.x.
constexpr std::array kStorageTypes = {
    Type{"DoubleStorage", "float64", "double", DType::f64},
    Type{"FloatStorage", "float32", "float", DType::f32},
    Type{"HalfStorage", "float16", "half", DType::f16},
    Type{"BFloat16Storage", "bfloat16", "", DType::bf16},
    Type{"LongStorage", "int64", "long", DType::i64},
    Type{"IntStorage", "int32", "int", DType::i32},
    Type{"ShortStorage", "int16", "short", DType::i16},
    Type{"CharStorage", "int8", "", DType::i8},
    Type{"ByteStorage", "uint8", "", DType::u8},
    Type{"BoolStorage", "bool", "", DType::boolean},
    Type{"ComplexFloatStorage", "complex64", "cfloat", DType::c64},
    Type{"ComplexDoubleStorage", "complex128", "cdouble", std::nullopt},
    Type{"", "uint16", "", DType::u16},
    Type{"", "uint32", "", DType::u32},
    Type{"", "uint64", "", DType::u64},
    Type{"", "float8_e4m3fn", "", DType::f8_e4m3},
    Type{"", "float8_e5m2", "", DType::f8_e5m2},
    Type{"", "float8_e4m3fnuz", "", DType::f8_e4m3fnuz},
    Type{"", "float8_e5m2fnuz", "", DType::f8_e5m2fnuz},
    Type{"", "float8_e8m0fnu", "", DType::f8_e8m0},
};

std::optional<PickleSymbol> find_type(std::string_view name) {
  for (const Type& type : kStorageTypes) {
    if (name == type.storage) return PickleSymbol{Kind::storage, type.type};
    if (name == type.dtype || name == type.other_dtype) return PickleSymbol{Kind::dtype, type.type};
  }
  return std::nullopt;
}

Error refusal(std::string_view module, std::string_view name) {
  const std::string full = escaped(cat(module.substr(0, 200), ".", name.substr(0, 200)));
  if (module == "torch._utils" && name.starts_with("_rebuild_")) {
    return Error(ErrorCode::unsupported, cat("'", full, "' makes a tensor of a kind not read here"))
        .with_hint("make it a plain tensor in torch and save again");
  }
  return Error(ErrorCode::unsupported, cat("'", full, "' is not part of a state dict: this file ",
                                           "may be hostile; nothing was executed"))
      .with_hint("if you trust its maker, load it with torch and save its state_dict() alone");
}

}  // namespace

Result<PickleSymbol> find_pickle_symbol(std::string_view module, std::string_view name) {
  const auto found = std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Entry& entry) {
    return entry.module == module && entry.name == name;
  });
  if (found != kFunctions.end()) return PickleSymbol{found->kind, std::nullopt};
  if (module == "torch.storage" && name == "UntypedStorage") {
    return PickleSymbol{Kind::storage, std::nullopt, true};
  }
  if (module == "torch" && !name.empty()) {
    if (const auto type = find_type(name)) return *type;
  }
  return refusal(module, name);
}

}  // namespace wmk::checkpoint
