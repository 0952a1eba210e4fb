#include "checkpoint/distributed/attributes.h"

#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr size_t kChunkDimensionsMax = 64;

}  // namespace

bool is_object_of(const PickleValues& values, PickleRef ref, PickleClass of_class) {
  return values.is(ref, PickleKind::object) && values.class_of(ref) == of_class;
}

Result<std::span<const PickleRef>> pickled_pairs(const PickleValues& values, PickleRef object,
                                                 std::string_view name) {
  const auto ref = values.attribute(object, name);
  if (!ref || !values.is(*ref, PickleKind::dict)) {
    return malformed(cat("has no dictionary '", name, "'"));
  }
  return values.items(*ref);
}

Result<uint64_t> pickled_size(const PickleValues& values, PickleRef object, std::string_view name) {
  const auto ref = values.attribute(object, name);
  if (!ref || !values.is(*ref, PickleKind::integer) || values.integer(*ref) < 0) {
    return malformed(cat("'", name, "' of a chunk's place is not a size"));
  }
  return static_cast<uint64_t>(values.integer(*ref));
}

Result<std::vector<uint64_t>> pickled_sizes(const PickleValues& values,
                                            std::optional<PickleRef> ref, std::string_view what) {
  const bool is_list =
      ref && (values.is(*ref, PickleKind::tuple) || values.is(*ref, PickleKind::list));
  if (!is_list) return malformed(cat(what, " are not sizes"));
  const auto items = values.items(*ref);
  if (items.size() > kChunkDimensionsMax) {
    return Error(ErrorCode::limit_exceeded, cat(what, " of ", items.size(), " dimensions"));
  }
  std::vector<uint64_t> out;
  for (const PickleRef item : items) {
    if (!values.is(item, PickleKind::integer) || values.integer(item) < 0) {
      return malformed(cat(what, " are not sizes"));
    }
    out.push_back(static_cast<uint64_t>(values.integer(item)));
  }
  return out;
}

std::optional<DType> pickled_dtype(const PickleValues& values, PickleRef object) {
  const auto properties = values.attribute(object, "properties");
  if (!properties || !is_object_of(values, *properties, PickleClass::tensor_properties))
    return std::nullopt;
  const auto state = values.state(*properties);
  if (!state || !values.is(*state, PickleKind::tuple) || values.items(*state).empty()) {
    return std::nullopt;
  }
  const PickleRef first = values.items(*state).front();
  if (!values.is(first, PickleKind::symbol)) return std::nullopt;
  return values.symbol(first).dtype;
}

}  // namespace wmk::checkpoint
