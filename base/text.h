// Small helpers for words and numbers.
//
// Purpose: one way to join text, one way to print a number (shortest form that reads back equal),
// one way to make a stranger's name safe to print. Thread-safety: pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace wmk {

// Shortest decimal form that reads back to the same double ("0.1", "-246.3", "1e+30").
std::string to_text(double value);
std::string to_text(std::integral auto value) { return std::to_string(value); }
inline std::string_view to_text(std::string_view text) { return text; }

// "tensor 'x': " + 3 + ... joined.
template <class... Parts>
std::string cat(const Parts&... parts) {
  std::string out;
  (out.append(to_text(parts)), ...);
  return out;
}

// `value` with `digits` digits behind the point.
std::string fixed(double value, int digits);
// 79626240 -> "79.6 M"; 812 -> "812". `unit` is written behind the SI prefix ("B" -> "159.4 MB").
std::string si(double value, std::string_view unit = {});
// 0.42 -> "0.4 s", 75 -> "1 min 15 s", 4000 -> "1 h 7 min".
std::string duration(double seconds);

// A stranger's text as it may be shown, in one line of a terminal: take_visible() all along, and
// backslashes as \x5c, so that nobody writes such a code himself. Quotes stay.
std::string escaped(std::string_view text);
// Takes the next character of `text` (not empty): itself, or \xNN for a control character and a
// byte that is not UTF-8, or \u{202e} for one that turns the direction of text or hides in it.
std::string take_visible(std::string_view& text);
bool is_utf8(std::string_view text);
// Length of the valid UTF-8 sequence at the front of `text` (not empty), or 0.
size_t utf8_sequence_length(std::string_view text);

std::string_view trimmed(std::string_view text);

}  // namespace wmk
