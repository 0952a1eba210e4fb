// The JSON parser; see base/json.h. Access to parsed values: json_value.cc.
//
// One loop with an explicit stack of open containers: nesting needs no recursion. Tokens:
// json_scanner.h.
#include "base/json.h"

#include <algorithm>
#include <unordered_map>

#include "base/duplicate_key.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace wmk::json {

class Parser : Scanner {
 public:
  Parser(std::string& text, const Limits& limits, Document& document)
      : Scanner(text, limits.nul_allowed, limits.python_dialect),
        limits_(limits),
        nodes_(document.nodes_),
        oddities_(document.oddities_) {}

  Status run() {
    bool good = !starts_with("\xEF\xBB\xBF") || fail("starts with a byte order mark");
    if (good) skip_space();
    good = good && value({});
    while (good && !open_.empty()) good = step();
    if (good) skip_space();
    if (good && !at_end()) good = fail("text after the end of the document");
    if (!good) return *error();
    return {};
  }

 private:
  // One member of the innermost open container, or its end.
  bool step() {
    Document::Node& container = nodes_[open_.back()];
    const bool is_object = container.kind == Kind::object;
    skip_space();
    if (peek() == (is_object ? '}' : ']')) return close();
    if (container.count > 0) {
      if (peek() != ',') return unexpected(is_object ? "',' or '}'" : "',' or ']'");
      skip();
      skip_space();
    }
    ++container.count;
    std::string_view key;
    if (is_object) {
      if (peek() != '"') return unexpected("a key in quotes");
      if (!string(key)) return false;
      skip_space();
      if (peek() != ':') return unexpected("':'");
      skip();
      skip_space();
    }
    return value(key);
  }

  bool value(std::string_view key) {
    if (nodes_.size() >= limits_.values_max) {
      return fail(cat("more than ", limits_.values_max, " values"), ErrorCode::limit_exceeded);
    }
    Document::Node node;
    node.key = key;
    node.next = static_cast<uint32_t>(nodes_.size() + 1);
    bool good = true;
    switch (peek()) {
      case '{':
      case '[':
        node.kind = peek() == '{' ? Kind::object : Kind::array;
        good = open();
        break;
      case '"':
        node.kind = Kind::string;
        good = string(node.text);
        break;
      case 't':
      case 'f':
        node.kind = Kind::boolean;
        node.truth = peek() == 't';
        good = literal(node.truth ? "true" : "false");
        break;
      case 'n':
        good = literal("null");
        break;
      default:
        node.kind = Kind::number;
        good = limits_.python_dialect ? python_number(node) : number(node.text);
    }
    if (good) nodes_.push_back(node);
    return good;
  }

  // A number, or null for one that is not finite.
  bool python_number(Document::Node& node) {
    const std::string where = place();
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) {
      if (!starts_with(word)) continue;
      note(cat(where, ": ", word, " is not JSON; it is ignored"));
      node.kind = Kind::null;
      return literal(word);
    }
    if (!number(node.text)) return false;
    if (!node.text.empty()) return true;
    note(cat(where, ": a number out of range; it is ignored"));
    node.kind = Kind::null;
    return true;
  }

  void note(std::string oddity) {
    if (oddities_.size() < Document::kOdditiesMax) oddities_.push_back(std::move(oddity));
  }

  bool open() {
    if (open_.size() >= limits_.depth_max) {
      return fail(cat("nested more than ", limits_.depth_max, " deep"), ErrorCode::limit_exceeded);
    }
    open_.push_back(static_cast<uint32_t>(nodes_.size()));
    skip();
    return true;
  }

  bool close() {
    const uint32_t container = open_.back();
    open_.pop_back();
    nodes_[container].next = static_cast<uint32_t>(nodes_.size());
    if (nodes_[container].kind == Kind::object) {
      if (const auto key = duplicate_key(container)) {
        if (limits_.python_dialect) {
          note(cat(place(), ": key '", escaped(key->substr(0, 100)),
                   "' occurs twice in the object that ends here; the last value counts"));
          keep_last(container);
          skip();
          return true;
        }
        return fail(cat("duplicate key '", escaped(*key), "' in the object that ends here"),
                    ErrorCode::duplicate_key);
      }
    }
    skip();
    return true;
  }

  std::optional<std::string_view> duplicate_key(uint32_t container) {
    keys_.clear();
    const uint32_t end = nodes_[container].next;
    for (uint32_t i = container + 1; i < end; i = nodes_[i].next) keys_.add(nodes_[i].key);
    return keys_.find();
  }

  // Removes all members of the closed object whose key occurs again later.
  void keep_last(uint32_t container) {
    std::unordered_map<std::string_view, uint32_t> last;
    const uint32_t end = nodes_[container].next;
    for (uint32_t i = container + 1; i < end; i = nodes_[i].next) last[nodes_[i].key] = i;
    uint32_t to = container + 1;
    for (uint32_t i = container + 1, next = i; i < end; i = next) {
      next = nodes_[i].next;
      if (last[nodes_[i].key] != i) {
        --nodes_[container].count;
        continue;
      }
      for (const uint32_t moved = i - to; i < next; ++i, ++to) {
        nodes_[to] = nodes_[i];
        nodes_[to].next -= moved;
      }
    }
    nodes_.resize(to);
    nodes_[container].next = to;
  }

  const Limits& limits_;
  std::vector<Document::Node>& nodes_;
  std::vector<std::string>& oddities_;
  std::vector<uint32_t> open_;
  DuplicateKey keys_;
};

// A value of a tokenizer takes about so many bytes.
constexpr size_t kBytesOfValue = 16;
constexpr size_t kValuesReserved = 1 << 20;

Result<Document> Document::parse(std::string text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error(ErrorCode::limit_exceeded,
                 cat("has ", text.size(), " bytes, more than the limit of ", limits.bytes_max));
  }
  Document document;
  document.text_ = std::make_unique<std::string>(std::move(text));
  document.nodes_.reserve(std::min(kValuesReserved, document.text_->size() / kBytesOfValue));
  auto status = Parser(*document.text_, limits, document).run();
  if (!status) return std::move(status).error();
  return document;
}

}  // namespace wmk::json
