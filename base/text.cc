#include "base/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace wmk {

namespace {

constexpr char kHexDigits[] = "0123456789abcdef";

// Of a valid UTF-8 sequence.
uint32_t code_point(std::string_view sequence) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  uint32_t out = byte(0) & (0xFFu >> (sequence.size() + 1));
  for (size_t i = 1; i < sequence.size(); ++i) out = out << 6 | (byte(i) & 0x3F);
  return out;
}

// Characters that are not seen and change what is: controls, directions, joiners, separators, tags.
bool is_hidden(uint32_t c) {
  return (c >= 0x80 && c < 0xA0) || c == 0xAD || c == 0x61C || (c >= 0x200B && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFFF0 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF) ||
         (c & 0xFFFE) == 0xFFFE;  // no characters
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

size_t utf8_sequence_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  // Overlong forms, surrogates and code points above U+10FFFF.
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;
  if (lead == 0xED && byte(1) > 0x9F) return 0;
  if (lead == 0xF0 && byte(1) < 0x90) return 0;
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string take_visible(std::string_view& text) {
  const size_t length = utf8_sequence_length(text);
  const std::string_view taken = text.substr(0, std::max<size_t>(1, length));
  text.remove_prefix(taken.size());
  const auto byte = static_cast<unsigned char>(taken[0]);
  if (length == 0 || byte < 0x20 || byte == 0x7F) {
    return {'\\', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  }
  const uint32_t code = code_point(taken);
  if (!is_hidden(code)) return std::string(taken);
  std::string hex;
  for (uint32_t rest = code; rest > 0; rest >>= 4) hex.insert(hex.begin(), kHexDigits[rest & 15]);
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

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view spaces = " \t\r\n";
  const size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

}  // namespace wmk
