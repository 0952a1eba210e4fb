#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/bytes.h"
#include "base/utf8.h"

namespace wmk {

namespace {

// Invisible characters that can change how the text around them looks: controls, directional marks,
// joiners, separators, fillers, variation selectors, tags, and noncharacters.
bool is_hidden(char32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x34F || c == 0x61C || c == 0x115F ||
         c == 0x1160 || (c >= 0x17B4 && c <= 0x17B5) || (c >= 0x180B && c <= 0x180F) ||
         c == 0x3164 || c == 0xFFA0 || (c >= 0xFE00 && c <= 0xFE0F) ||
         (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
         (c >= 0xE0000 && c <= 0xE0FFF) || (c & 0xFFFE) == 0xFFFE;
}

}  // namespace

std::string to_text(double value) {
  std::array<char, 40> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end);
}

std::string fixed(double value, int digits) {
  std::array<char, 400> buffer;
  const int count = std::snprintf(buffer.data(), buffer.size(), "%.*f", digits, value);
  return std::string(buffer.data(), static_cast<size_t>(count));
}

std::string si(double value, std::string_view unit) {
  static constexpr std::array<const char*, 6> prefixes = {"", "k", "M", "G", "T", "P"};
  size_t step = 0;
  while (std::abs(value) >= 999.95 && step + 1 < prefixes.size()) {
    value /= 1000;
    ++step;
  }
  const int digits = step == 0 ? 0 : 1;
  const bool spaced = step > 0 || !unit.empty();
  return cat(fixed(value, digits), spaced ? " " : "", prefixes[step], unit);
}

std::string duration(double seconds) {
  if (seconds < 60) return cat(fixed(seconds, 1), " s");
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  if (whole < 3600) return cat(whole / 60, " min ", whole % 60, " s");
  return cat(whole / 3600, " h ", whole % 3600 / 60, " min");
}

std::string take_visible(std::string_view& text) {
  const size_t length = utf8_sequence_length(text);
  const std::string_view taken = text.substr(0, std::max<size_t>(1, length));
  text.remove_prefix(taken.size());
  const auto byte = static_cast<unsigned char>(taken[0]);
  if (length == 0 || byte < 0x20 || byte == 0x7F) {
    return "\\x" + to_hex(byte);
  }
  const char32_t point = decode_utf8(taken);
  if (!is_hidden(point)) return std::string(taken);
  std::string hex;
  for (char32_t rest = point; rest > 0; rest >>= 4) hex.insert(hex.begin(), kHexDigits[rest & 15]);
  return cat("\\u{", hex, "}");
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::string shown = take_visible(text);
    out += shown == "\\" ? "\\x5c" : shown;
  }
  return out;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_case(c);
  return out;
}

std::optional<uint64_t> decimal(std::string_view text) {
  uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  return out;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

}  // namespace wmk
