#include "checkpoint/torch/pickle_call.h"

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr size_t kPickledDimensionsMax = 64;  // as in torch

// A tuple or torch.Size of sizes.
Result<std::vector<uint64_t>> sizes(const PickleValues& values, PickleRef ref, const char* what) {
  if (!values.is(ref, PickleKind::tuple))
    return malformed(cat("a tensor's ", what, " is not a tuple"));
  const auto items = values.items(ref);
  if (items.size() > kPickledDimensionsMax) {
    return Error(ErrorCode::limit_exceeded, cat("a tensor of ", items.size(), " dimensions"));
  }
  std::vector<uint64_t> out;
  for (const PickleRef item : items) {
    if (!values.is(item, PickleKind::integer) || values.integer(item) < 0) {
      return malformed(cat("a tensor's ", what, " contains something other than sizes"));
    }
    out.push_back(static_cast<uint64_t>(values.integer(item)));
  }
  return out;
}

// Flags such as "conj" mean that the values differ from those stored.
Status check_metadata(const PickleValues& values, std::span<const PickleRef> rest) {
  if (rest.empty() || values.is(rest[0], PickleKind::none)) return {};
  if (rest.size() == 1 && values.is(rest[0], PickleKind::dict) && values.items(rest[0]).empty()) {
    return {};
  }
  return Error(ErrorCode::unsupported, "a tensor has metadata (a conjugate or negative view?)")
      .with_hint("clone() the tensor in torch and save again");
}

Result<PickleRef> make_tensor(PickleValues& values, std::span<const PickleRef> given,
                              bool has_dtype) {
  const size_t least = has_dtype ? 7 : 4;  // the first version has only these
  if (given.size() < least || !values.is(given[0], PickleKind::storage) ||
      !values.is(given[1], PickleKind::integer) || values.integer(given[1]) < 0) {
    return malformed("a tensor's arguments are not storage, offset, shape, strides");
  }
  auto shape = sizes(values, given[2], "shape");
  if (!shape) return std::move(shape).error();
  auto strides = sizes(values, given[3], "strides");
  if (!strides) return std::move(strides).error();
  if (shape->size() != strides->size()) {
    return malformed("a tensor has different numbers of strides and dimensions");
  }
  const size_t known = has_dtype ? 7 : 6;
  const auto rest = given.size() > known ? given.subspan(known) : std::span<const PickleRef>();
  if (auto status = check_metadata(values, rest); !status) return std::move(status).error();
  PickledTensor tensor{.storage = values.storage_index(given[0]),
                       .dtype = std::nullopt,
                       .offset = static_cast<uint64_t>(values.integer(given[1])),
                       .shape = *std::move(shape),
                       .strides = *std::move(strides)};
  if (has_dtype) {
    const PickleRef type = given[6];
    if (!values.is(type, PickleKind::symbol) ||
        values.symbol(type).kind != PickleSymbolKind::dtype) {
      return malformed("a tensor's dtype is not a dtype");
    }
    tensor.dtype = values.symbol(type).dtype;
    if (!tensor.dtype) return Error(ErrorCode::unsupported, "a tensor has a type that is not read");
  }
  values.tensors.push_back(std::move(tensor));
  return values.add(PickleKind::tensor, values.tensors.size() - 1);
}

Result<PickleRef> make_size(const PickleValues& values, std::span<const PickleRef> given) {
  if (given.size() != 1 || !values.is(given[0], PickleKind::tuple)) {
    return malformed("torch.Size is called with something other than one tuple");
  }
  return given[0];
}

Result<PickleRef> make_ordered_dict(PickleValues& values, std::span<const PickleRef> given) {
  if (!given.empty()) return malformed("an OrderedDict is called with arguments");
  return values.add_container(PickleKind::dict);
}

Result<PickleRef> make_parameter(const PickleValues& values, std::span<const PickleRef> given) {
  if (given.empty() || !values.is(given[0], PickleKind::tensor)) {
    return malformed("a parameter is not made from a tensor");
  }
  return given[0];
}

// (function, class, arguments, state) with a function that makes plain tensors.
Result<PickleRef> make_from_type(PickleValues& values, std::span<const PickleRef> given) {
  const bool is_plain = given.size() == 4 && values.is(given[0], PickleKind::symbol) &&
                        values.is(given[1], PickleKind::symbol) &&
                        values.symbol(given[1]).kind == PickleSymbolKind::tensor_class &&
                        values.is(given[2], PickleKind::tuple);
  const PickleSymbolKind kind = is_plain ? values.symbol(given[0]).kind : PickleSymbolKind::inert;
  if (kind != PickleSymbolKind::rebuild_tensor && kind != PickleSymbolKind::rebuild_tensor_v3 &&
      kind != PickleSymbolKind::rebuild_parameter) {
    return malformed("_rebuild_from_type_v2 is called with something other than a plain tensor");
  }
  return call_pickled(values, given[0], given[2]);  // not recursive: it is of another kind
}

}  // namespace

Result<PickleRef> call_pickled(PickleValues& values, PickleRef callee, PickleRef arguments) {
  if (!values.is(callee, PickleKind::symbol))
    return malformed("calls a value that is not a function");
  if (!values.is(arguments, PickleKind::tuple))
    return malformed("a call has no tuple of arguments");
  const std::vector<PickleRef> given(values.items(arguments).begin(),
                                     values.items(arguments).end());
  switch (values.symbol(callee).kind) {
    case PickleSymbolKind::ordered_dict:
      return make_ordered_dict(values, given);
    case PickleSymbolKind::rebuild_tensor:
      return make_tensor(values, given, false);
    case PickleSymbolKind::rebuild_tensor_v3:
      return make_tensor(values, given, true);
    case PickleSymbolKind::rebuild_parameter:
      return make_parameter(values, given);
    case PickleSymbolKind::rebuild_from_type:
      return make_from_type(values, given);
    case PickleSymbolKind::size:
      return make_size(values, given);
    case PickleSymbolKind::record:
      return values.add_object(values.symbol(callee).of_class);
    case PickleSymbolKind::inert:
      return values.add(PickleKind::opaque);
    case PickleSymbolKind::storage:
    case PickleSymbolKind::dtype:
    case PickleSymbolKind::tensor_class:
      break;
  }
  return malformed("calls a type that a state dict may only name");
}

Result<PickleRef> pickled_storage(PickleValues& values, PickleRef id) {
  const auto fault = [] {
    return malformed("a storage's id is not ('storage', type, key, place, count)");
  };
  if (!values.is(id, PickleKind::tuple)) return fault();
  const auto parts = values.items(id);
  if (parts.size() != 5 || !values.is(parts[0], PickleKind::text) ||
      values.text(parts[0]) != "storage" || !values.is(parts[1], PickleKind::symbol) ||
      values.symbol(parts[1]).kind != PickleSymbolKind::storage ||
      !values.is(parts[2], PickleKind::text) || !values.is(parts[3], PickleKind::text) ||
      !values.is(parts[4], PickleKind::integer) || values.integer(parts[4]) < 0) {
    return fault();
  }
  values.storages.push_back({.type = values.symbol(parts[1]),
                             .key = values.text(parts[2]),
                             .place = values.text(parts[3]),
                             .count = static_cast<uint64_t>(values.integer(parts[4]))});
  return values.add(PickleKind::storage, values.storages.size() - 1);
}

Status build_pickled(PickleValues& values, PickleRef object, PickleRef state) {
  if (values.is(object, PickleKind::object)) {
    if (values.state(object)) return malformed("the attributes of an object are set twice");
    values.append(object, std::span(&state, 1));
    return {};
  }
  if (values.is(object, PickleKind::opaque) && values.names() == PickleNames::training) return {};
  if (!values.is(object, PickleKind::dict) || !values.is(state, PickleKind::dict)) {
    return malformed("attributes are set on something other than a state dict");
  }
  const auto items = values.items(state);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (!values.is(items[i], PickleKind::text) || values.text(items[i]) != "_metadata") {
      return malformed("a state dict has an attribute other than _metadata");
    }
  }
  return {};
}

}  // namespace wmk::checkpoint
