// Members of a JSON object that must be there and of one kind.
//
// Purpose: bundle, statement and predicate are read with the same words. Lifetime: values refer to
// their document. Thread-safety: pure functions.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace wmk::sign {

std::optional<json::Value> member(const json::Value& object, std::string_view key, json::Kind kind);
std::optional<std::string_view> text_member(const json::Value& object, std::string_view key);
// A member that the format does not know, or nullopt.
std::optional<std::string_view> stranger(const json::Value& object,
                                         std::initializer_list<std::string_view> known);
// Copies a value as it stands. Depth is limited by what parsed it.
void copy_value(const json::Value& value, json::Writer& out);

}  // namespace wmk::sign
