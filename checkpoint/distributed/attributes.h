// Attributes of pickled objects, as the values that they must be.
//
// Lifetime: spans refer to the values. Thread-safety: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/torch/pickle_value.h"

namespace wmk::checkpoint {

bool is_object_of(const PickleValues& values, PickleRef ref, PickleClass of_class);
// The keys and values of an attribute that is a dict.
Result<std::span<const PickleRef>> pickled_pairs(const PickleValues& values, PickleRef object,
                                                 std::string_view name);
Result<uint64_t> pickled_size(const PickleValues& values, PickleRef object, std::string_view name);
// Of a tuple or list; `what` names it in errors.
Result<std::vector<uint64_t>> pickled_sizes(const PickleValues& values,
                                            std::optional<PickleRef> ref, std::string_view what);
// The type of the elements of a tensor's description; none: one that is not read.
std::optional<DType> pickled_dtype(const PickleValues& values, PickleRef object);

}  // namespace wmk::checkpoint
