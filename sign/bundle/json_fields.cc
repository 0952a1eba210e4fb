#include "sign/bundle/json_fields.h"

#include <algorithm>
#include <charconv>

namespace wmk::sign {

std::optional<json::Value> member(const json::Value& object, std::string_view key,
                                  json::Kind kind) {
  if (!object.is(json::Kind::object)) return std::nullopt;
  auto found = object.find(key);
  return found && found->is(kind) ? found : std::nullopt;
}

std::optional<std::string_view> text_member(const json::Value& object, std::string_view key) {
  const auto found = member(object, key, json::Kind::string);
  return found ? found->string() : std::nullopt;
}

std::optional<uint64_t> integer(const json::Value& value) {
  const auto text = value.string();
  if (!text) return value.unsigned_integer();
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  return whole ? std::optional(out) : std::nullopt;
}

std::optional<std::string_view> unknown_member(const json::Value& object,
                                               std::initializer_list<std::string_view> known) {
  for (const json::Value value : object) {
    if (std::ranges::find(known, value.key()) == known.end()) return value.key();
  }
  return std::nullopt;
}

void copy_value(const json::Value& value, json::Writer& out) {
  switch (value.kind()) {
    case json::Kind::null:
      out.null();
      break;
    case json::Kind::boolean:
      out.value(*value.boolean());
      break;
    case json::Kind::number:
      value.unsigned_integer() ? out.value(*value.unsigned_integer()) : out.value(*value.number());
      break;
    case json::Kind::string:
      out.value(*value.string());
      break;
    case json::Kind::array:
      out.begin_array();
      for (const json::Value item : value) copy_value(item, out);
      out.end_array();
      break;
    case json::Kind::object:
      out.begin_object();
      for (const json::Value item : value) {
        out.key(item.key());
        copy_value(item, out);
      }
      out.end_object();
      break;
  }
}

}  // namespace wmk::sign
