// A JSON document that can be edited and written.
//
// Purpose: attacks change a few members of config.json and the ids of tokenizer.json; everything
// else must stay the same. Documents are parsed and checked by base/json. Lifetime: a tree owns its
// text. Thread-safety: a plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace wmk::lab {

class JsonTree {
 public:
  static Result<JsonTree> parse(std::string text);
  static JsonTree string(std::string_view text);
  static JsonTree number(uint64_t value);
  static JsonTree boolean(bool truth);
  static JsonTree object() { return JsonTree(json::Kind::object); }
  static JsonTree array() { return JsonTree(json::Kind::array); }

  json::Kind kind() const { return kind_; }
  // The unescaped text of a string; a number, true, false or null as written.
  const std::string& text() const { return text_; }
  std::optional<uint64_t> unsigned_integer() const;

  // Children in file order; key() names a member of an object.
  std::vector<JsonTree>& children() { return children_; }
  const std::vector<JsonTree>& children() const { return children_; }
  const std::string& key() const { return key_; }
  void rename(std::string key) { key_ = std::move(key); }

  JsonTree* find(std::string_view key);
  const JsonTree* find(std::string_view key) const {
    return const_cast<JsonTree*>(this)->find(key);
  }
  // Replaces a member or appends it.
  void set(std::string_view key, JsonTree value);
  void append(JsonTree value) { children_.push_back(std::move(value)); }

  // The document, indented by two spaces, with a newline at the end.
  std::string to_string() const;

 private:
  explicit JsonTree(json::Kind kind) : kind_(kind) {}
  static JsonTree copy_of(const json::Value& value);
  void print(std::string& out, size_t depth) const;

  json::Kind kind_;
  std::string key_;
  std::string text_;
  std::vector<JsonTree> children_;
};

}  // namespace wmk::lab
