#include "base/json_scanner.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"
#include "base/utf8.h"

namespace wmk::json {
namespace {

// ASCII bytes that need no escape in a string.
constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = make_plain();

bool is_plain(char c) { return kPlain[static_cast<unsigned char>(c)]; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Four hex digits at `from`; the NUL after the text ends a short read.
std::optional<uint32_t> hex4(const char* from) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(from[i]);
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<uint32_t>(digit);
  }
  return value;
}

}  // namespace

bool Scanner::fail(std::string_view what, ErrorCode code) {
  error_ = Error(code, cat(place(), ": ", what));
  return false;
}

std::string Scanner::place() const {
  return cat("line ", line_, ", column ", at_ - line_start_ + 1);
}

bool Scanner::unexpected(std::string_view wanted) {
  if (at_ == end_) return fail(cat("the text ends where ", wanted, " should be"));
  const size_t length = std::max<size_t>(1, utf8_sequence_length({at_, end_}));
  return fail(cat("'", escaped({at_, length}), "' where ", wanted, " should be"));
}

void Scanner::skip_space() {
  for (;; ++at_) {
    if (*at_ == '\n') {
      ++line_;
      line_start_ = at_ + 1;
    } else if (*at_ != ' ' && *at_ != '\t' && *at_ != '\r') {
      return;
    }
  }
}

bool Scanner::literal(std::string_view wanted) {
  if (!std::string_view(at_, end_).starts_with(wanted)) return unexpected("a value");
  at_ += wanted.size();
  return true;
}

bool Scanner::digits() {
  if (!is_digit(*at_)) return unexpected("a digit");
  while (is_digit(*at_)) ++at_;
  return true;
}

bool Scanner::number(std::string_view& out) {
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
  if (failure == std::errc()) return true;
  out = {};
  return range_ignored_ || fail("a number out of range");
}

bool Scanner::string(std::string_view& out) {
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

bool Scanner::escape(char*& to) {
  static constexpr std::string_view letters = "\"\\/bfnrt";
  static constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  if (at_[1] == 'u') return unicode_escape(to);
  const size_t which = at_ + 1 == end_ ? std::string_view::npos : letters.find(at_[1]);
  if (which == std::string_view::npos) return fail("an unknown escape in a string");
  *to++ = meanings[which];
  at_ += 2;
  return true;
}

bool Scanner::unicode_escape(char*& to) {
  const auto unit = hex4(at_ + 2);
  if (!unit) return fail("\\u without four hex digits");
  if (*unit == 0 && !nul_allowed_) return fail("NUL in a string");
  uint32_t point = *unit;
  size_t length = 6;
  if (point >= 0xD800 && point < 0xE000) {
    const bool paired = point < 0xDC00 && at_[6] == '\\' && at_[7] == 'u';
    const auto low = paired ? hex4(at_ + 8) : std::nullopt;
    if (!low || *low < 0xDC00 || *low >= 0xE000) return fail("a lone surrogate");
    point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
    length = 12;
  }
  to = encode_utf8(point, to);
  at_ += length;
  return true;
}

}  // namespace wmk::json
