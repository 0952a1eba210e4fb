// The parser of the JSON door; see base/json.h. Reading what was parsed: json_value.cc.
//
// One loop with a stack of open containers, so depth costs no call stack. Newlines can stand only
// between tokens, so lines are counted there, and strings may be unescaped in place.
#include "base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <functional>

#include "base/text.h"

namespace wmk::json {
namespace {

constexpr std::string_view kDuplicateKey = ": duplicate key '";

// Bytes that stand for themselves in a string and are ASCII.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Four hex digits at `from`; the NUL behind the text ends a short read.
std::optional<uint32_t> hex4(const char* from) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = from[i];
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  return value;
}

char* put_utf8(char* to, uint32_t point) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    *to++ = static_cast<char>(point);
  } else if (point < 0x800) {
    *to++ = static_cast<char>(0xC0 | point >> 6);
    *to++ = tail(0);
  } else if (point < 0x10000) {
    *to++ = static_cast<char>(0xE0 | point >> 12);
    *to++ = tail(6);
    *to++ = tail(0);
  } else {
    *to++ = static_cast<char>(0xF0 | point >> 18);
    *to++ = tail(12);
    *to++ = tail(6);
    *to++ = tail(0);
  }
  return to;
}

}  // namespace

class Parser {
 public:
  Parser(std::string& text, const Limits& limits, std::vector<Document::Node>& nodes)
      : at_(text.data()),
        end_(text.data() + text.size()),
        line_start_(at_),
        limits_(limits),
        nodes_(nodes) {}

  Status run() {
    if (std::string_view(at_, end_).starts_with("\xEF\xBB\xBF"))
      fail("starts with a byte order mark");
    skip_space();
    bool good = !error_ && value({});
    while (good && !open_.empty()) good = step();
    if (!good) return std::move(*error_);
    skip_space();
    if (at_ != end_) fail("text behind the end of the document");
    if (error_) return std::move(*error_);
    return {};
  }

 private:
  bool fail(std::string_view what, ErrorCode code = ErrorCode::malformed) {
    error_ = Error(code, cat("line ", line_, ", column ", at_ - line_start_ + 1, ": ", what));
    return false;
  }
  bool unexpected(std::string_view wanted) {
    if (at_ == end_) return fail(cat("the text ends where ", wanted, " should be"));
    const size_t length = std::max<size_t>(1, utf8_sequence_length({at_, end_}));
    return fail(cat("'", escaped({at_, length}), "' where ", wanted, " should be"));
  }

  void skip_space() {
    for (;; ++at_) {
      if (*at_ == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
        return;
      }
    }
  }

  // One member of the innermost open container, or its end.
  bool step() {
    Document::Node& container = nodes_[open_.back()];
    const bool is_object = container.kind == Kind::object;
    skip_space();
    if (*at_ == (is_object ? '}' : ']')) return close();
    if (container.count > 0) {
      if (*at_ != ',') return unexpected(is_object ? "',' or '}'" : "',' or ']'");
      ++at_;
      skip_space();
    }
    ++container.count;
    std::string_view key;
    if (is_object) {
      if (*at_ != '"') return unexpected("a key in quotes");
      if (!string(key)) return false;
      skip_space();
      if (*at_ != ':') return unexpected("':'");
      ++at_;
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
    switch (*at_) {
      case '{':
      case '[':
        node.kind = *at_ == '{' ? Kind::object : Kind::array;
        good = open();
        break;
      case '"':
        node.kind = Kind::string;
        good = string(node.text);
        break;
      case 't':
      case 'f':
        node.kind = Kind::boolean;
        node.truth = *at_ == 't';
        good = word(node.truth ? "true" : "false");
        break;
      case 'n':
        good = word("null");
        break;
      default:
        node.kind = Kind::number;
        good = number(node.text);
    }
    if (good) nodes_.push_back(node);
    return good;
  }

  bool open() {
    if (open_.size() >= limits_.depth_max) {
      return fail(cat("nested more than ", limits_.depth_max, " deep"), ErrorCode::limit_exceeded);
    }
    open_.push_back(static_cast<uint32_t>(nodes_.size()));
    ++at_;
    return true;
  }

  bool close() {
    const uint32_t container = open_.back();
    open_.pop_back();
    nodes_[container].next = static_cast<uint32_t>(nodes_.size());
    if (nodes_[container].kind == Kind::object) {
      if (const auto twice = duplicate_key(container)) {
        return fail(
            cat(kDuplicateKey.substr(2), escaped(*twice), "' in the object that ends here"));
      }
    }
    ++at_;
    return true;
  }

  // Sorting by hash and then by key is fast for honest keys and no worse than n log n for chosen
  // ones.
  std::optional<std::string_view> duplicate_key(uint32_t container) {
    keys_.clear();
    const uint32_t end = nodes_[container].next;
    const bool few = nodes_[container].count <= 8;
    for (uint32_t i = container + 1; i < end; i = nodes_[i].next) {
      const std::string_view key = nodes_[i].key;
      keys_.emplace_back(few ? 0 : std::hash<std::string_view>()(key), key);
    }
    std::sort(keys_.begin(), keys_.end());
    const auto twice = std::adjacent_find(keys_.begin(), keys_.end());
    return twice == keys_.end() ? std::nullopt : std::optional(twice->second);
  }

  bool word(std::string_view wanted) {
    if (!std::string_view(at_, end_).starts_with(wanted)) return unexpected("a value");
    at_ += wanted.size();
    return true;
  }

  bool digits() {
    if (!is_digit(*at_)) return unexpected("a digit");
    while (is_digit(*at_)) ++at_;
    return true;
  }

  bool number(std::string_view& out) {
    const char* const start = at_;
    if (*at_ != '-' && !is_digit(*at_)) return unexpected("a value");
    if (*at_ == '-') ++at_;
    if (*at_ == '0') {
      ++at_;
      if (is_digit(*at_)) return fail("a number starts with 0");
    } else if (!digits()) {
      return false;
    }
    if (*at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    const bool has_exponent = *at_ == 'e' || *at_ == 'E';
    if (has_exponent) {
      ++at_;
      if (*at_ == '+' || *at_ == '-') ++at_;
      if (!digits()) return false;
    }
    out = {start, static_cast<size_t>(at_ - start)};
    // Only these can leave the range of a double.
    if (!has_exponent && out.size() < 300) return true;
    double ignored;
    const auto [end, failure] = std::from_chars(start, at_, ignored);
    return failure == std::errc() || fail("a number out of range");
  }

  bool string(std::string_view& out) {
    char* const start = ++at_;
    char* to = start;
    while (true) {
      char* const from = at_;
      while (is_plain(*at_)) ++at_;
      const auto c = static_cast<unsigned char>(*at_);
      if (c >= 0x80) {
        const size_t length = utf8_sequence_length({at_, end_});
        if (length == 0) return fail("a byte that is not UTF-8");
        at_ += length;
      }
      const auto count = static_cast<size_t>(at_ - from);
      if (to != from) std::memmove(to, from, count);
      to += count;
      if (c >= 0x80) continue;
      if (c == '"') break;
      if (c != '\\') {
        return fail(at_ == end_ ? "a string without an end" : "a control character in a string");
      }
      if (!escape(to)) return false;
    }
    ++at_;
    out = {start, static_cast<size_t>(to - start)};
    return true;
  }

  bool escape(char*& to) {
    static constexpr std::string_view letters = "\"\\/bfnrt";
    static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (at_[1] == 'u') return unicode_escape(to);
    const size_t which = at_ + 1 == end_ ? std::string_view::npos : letters.find(at_[1]);
    if (which == std::string_view::npos) return fail("an unknown escape in a string");
    *to++ = meanings[which];
    at_ += 2;
    return true;
  }

  bool unicode_escape(char*& to) {
    const auto unit = hex4(at_ + 2);
    if (!unit) return fail("\\u without four hex digits");
    if (*unit == 0 && !limits_.nul_allowed) return fail("NUL in a string");
    uint32_t point = *unit;
    size_t length = 6;
    if (point >= 0xD800 && point < 0xE000) {
      const bool paired = point < 0xDC00 && at_[6] == '\\' && at_[7] == 'u';
      const auto low = paired ? hex4(at_ + 8) : std::nullopt;
      if (!low || *low < 0xDC00 || *low >= 0xE000) return fail("a lone surrogate");
      point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
      length = 12;
    }
    to = put_utf8(to, point);
    at_ += length;
    return true;
  }

  // The text ends with a NUL that belongs to std::string: it stops every loop.
  char* at_;
  char* const end_;
  char* line_start_;
  uint64_t line_ = 1;
  const Limits& limits_;
  std::vector<Document::Node>& nodes_;
  std::vector<uint32_t> open_;
  std::vector<std::pair<size_t, std::string_view>> keys_;
  std::optional<Error> error_;
};

Result<Document> Document::parse(std::string text, const Limits& limits) {
  if (text.size() > limits.bytes_max) {
    return Error(ErrorCode::limit_exceeded,
                 cat("has ", text.size(), " bytes, more than the limit of ", limits.bytes_max));
  }
  Document document;
  document.text_ = std::make_unique<std::string>(std::move(text));
  auto status = Parser(*document.text_, limits, document.nodes_).run();
  if (!status) return std::move(status).error();
  return document;
}

// No other message can hold these words with their quote: what strangers wrote is escaped.
bool names_duplicate_key(const Error& error) {
  return error.message().find(kDuplicateKey) != std::string::npos;
}

}  // namespace wmk::json
