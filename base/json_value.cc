// Access to a parsed document; see base/json.h.
//
// Nodes are in file order: the children of node n begin at n + 1 and end before n.next.
#include <charconv>

#include "base/json.h"

namespace wmk::json {

Kind Value::kind() const { return document_->nodes_[node_].kind; }

std::optional<bool> Value::boolean() const {
  if (!is(Kind::boolean)) return std::nullopt;
  return document_->nodes_[node_].truth;
}

std::optional<std::string_view> Value::string() const {
  if (!is(Kind::string)) return std::nullopt;
  return document_->nodes_[node_].text;
}

std::optional<uint64_t> Value::unsigned_integer() const {
  if (!is(Kind::number)) return std::nullopt;
  const std::string_view text = document_->nodes_[node_].text;
  uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> Value::number() const {
  if (!is(Kind::number)) return std::nullopt;
  const std::string_view text = document_->nodes_[node_].text;
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

size_t Value::size() const { return document_->nodes_[node_].count; }

std::string_view Value::key() const { return document_->nodes_[node_].key; }

std::optional<Value> Value::find(std::string_view key) const {
  if (!is(Kind::object)) return std::nullopt;
  for (const Value member : *this) {
    if (member.key() == key) return member;
  }
  return std::nullopt;
}

Value::Iterator& Value::Iterator::operator++() {
  node_ = document_->nodes_[node_].next;
  return *this;
}

Value::Iterator Value::begin() const { return {document_, node_ + 1}; }

Value::Iterator Value::end() const { return {document_, document_->nodes_[node_].next}; }

}  // namespace wmk::json
