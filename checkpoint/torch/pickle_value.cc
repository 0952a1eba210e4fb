#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

// The last one of a name, as in Python.
std::optional<PickleRef> PickleValues::attribute(PickleRef object, std::string_view name) const {
  if (!is(object, PickleKind::object)) return std::nullopt;
  const auto attributes = state(object);
  if (!attributes || !is(*attributes, PickleKind::dict)) return std::nullopt;
  const auto pairs = items(*attributes);
  std::optional<PickleRef> found;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    if (is(pairs[i], PickleKind::text) && text(pairs[i]) == name) found = pairs[i + 1];
  }
  return found;
}

}  // namespace wmk::checkpoint
