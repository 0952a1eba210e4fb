#include "base/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace wmk {

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

std::string escaped(std::string_view text) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  while (!text.empty()) {
    const size_t length = utf8_sequence_length(text);
    const auto byte = static_cast<unsigned char>(text[0]);
    // C1 controls (U+0080..U+009F) drive terminals too.
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[1]) < 0xA0;
    const bool plain = length > 0 && byte >= 0x20 && byte != 0x7F && byte != '\\' && byte != '\'' &&
                       byte != '"' && !c1;
    const size_t taken = length == 0 ? 1 : length;
    for (size_t i = 0; i < taken; ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (plain) {
        out.push_back(text[i]);
      } else {
        out.append({'\\', 'x', digits[c >> 4], digits[c & 15]});
      }
    }
    text.remove_prefix(taken);
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
