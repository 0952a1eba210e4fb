#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

namespace {

// Many objects may share their attributes, so that a long search for each would take too long.
constexpr size_t kAttributesMax = 64;

}  // namespace

// The last one of a name, as in Python.
std::optional<PickleRef> PickleValues::attribute(PickleRef object, std::string_view name) const {
  if (!is(object, PickleKind::object)) return std::nullopt;
  const auto attributes = state(object);
  if (!attributes || !is(*attributes, PickleKind::dict)) return std::nullopt;
  const auto pairs = items(*attributes);
  if (pairs.size() > 2 * kAttributesMax) return std::nullopt;
  std::optional<PickleRef> found;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (is(pairs[i], PickleKind::text) && text(pairs[i]) == name) found = pairs[i + 1];
  }
  return found;
}

}  // namespace wmk::checkpoint
