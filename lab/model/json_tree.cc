#include "lab/model/json_tree.h"

#include <cmath>

#include "base/text.h"

namespace wmk::lab {

using json::Kind;

Result<JsonTree> JsonTree::parse(std::string text) {
  auto document = json::Document::parse(std::move(text));
  if (!document) return std::move(document).error();
  return copy_of(document->root());
}

JsonTree JsonTree::string(std::string_view text) {
  JsonTree tree(Kind::string);
  tree.text_ = text;
  return tree;
}

JsonTree JsonTree::number(uint64_t value) {
  JsonTree tree(Kind::number);
  tree.text_ = to_text(value);
  return tree;
}

JsonTree JsonTree::boolean(bool truth) {
  JsonTree tree(Kind::boolean);
  tree.text_ = truth ? "true" : "false";
  return tree;
}

std::optional<uint64_t> JsonTree::unsigned_integer() const {
  if (kind_ != Kind::number || text_.empty() || text_.size() > 19) return std::nullopt;
  uint64_t value = 0;
  for (const char digit : text_) {
    if (digit < '0' || digit > '9') return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(digit - '0');
  }
  return value;
}

JsonTree* JsonTree::find(std::string_view key) {
  if (kind_ != Kind::object) return nullptr;
  for (JsonTree& child : children_) {
    if (child.key_ == key) return &child;
  }
  return nullptr;
}

void JsonTree::set(std::string_view key, JsonTree value) {
  value.key_ = key;
  if (JsonTree* old = find(key)) {
    *old = std::move(value);
  } else {
    children_.push_back(std::move(value));
  }
}

// An integer that was written with a point or an exponent keeps a point, because readers
// distinguish 1 from 1.0.
static std::string number_text(const json::Value& value) {
  if (const auto whole = value.unsigned_integer()) return to_text(*whole);
  const double number = value.number().value_or(0);
  std::string text = to_text(number);
  if (number >= 0 && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

// The parser limits nesting (json::Limits::depth_max), so recursion is safe here and in print().
JsonTree JsonTree::copy_of(const json::Value& value) {
  JsonTree tree(value.kind());
  switch (value.kind()) {
    case Kind::null:
      tree.text_ = "null";
      break;
    case Kind::boolean:
      tree.text_ = value.boolean().value_or(false) ? "true" : "false";
      break;
    case Kind::number:
      tree.text_ = number_text(value);
      break;
    case Kind::string:
      tree.text_ = value.string().value_or("");
      break;
    case Kind::array:
    case Kind::object:
      tree.children_.reserve(value.size());
      for (const json::Value member : value) {
        tree.children_.push_back(copy_of(member));
        if (value.is(Kind::object)) tree.children_.back().key_ = member.key();
      }
      break;
  }
  return tree;
}

std::string JsonTree::to_string() const {
  std::string out;
  print(out, 0);
  return out += '\n';
}

void JsonTree::print(std::string& out, size_t depth) const {
  if (kind_ == Kind::string) {
    out += json::quoted(text_);
    return;
  }
  if (kind_ != Kind::array && kind_ != Kind::object) {
    out += text_;
    return;
  }
  const bool is_object = kind_ == Kind::object;
  out += is_object ? '{' : '[';
  for (size_t i = 0; i < children_.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    out.append(2 * (depth + 1), ' ');
    if (is_object) out.append(json::quoted(children_[i].key_)).append(": ");
    children_[i].print(out, depth + 1);
  }
  if (!children_.empty()) out.append(1, '\n').append(2 * depth, ' ');
  out += is_object ? '}' : ']';
}

}  // namespace wmk::lab
