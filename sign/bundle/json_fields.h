// Typed members of JSON objects, shared by the parsers of bundle, statement and predicate.
//
// Lifetime: values refer to their document. Thread-safety: pure functions.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace wmk::sign {

// nullopt if the member is missing or of another kind.
std::optional<json::Value> member(const json::Value& object, std::string_view key, json::Kind kind);
std::optional<std::string_view> text_member(const json::Value& object, std::string_view key);
// A number without sign, or such a number in a string, as Protocol Buffers write 64 bits.
std::optional<uint64_t> integer(const json::Value& value);
// The name of the first member that is not in `known`, or nullopt.
std::optional<std::string_view> unknown_member(const json::Value& object,
                                               std::initializer_list<std::string_view> known);
// Writes the same value. The parser has limited its depth.
void copy_value(const json::Value& value, json::Writer& out);

}  // namespace wmk::sign
