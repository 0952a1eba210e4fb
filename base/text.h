// Small helpers for text and numbers.
//
// Purpose: one way to join text, one way to print a number (the shortest form that reads back
// equal), one way to make untrusted text safe to print. Thread-safety: pure functions.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
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

// `value` with `digits` digits after the decimal point.
std::string fixed(double value, int digits);
// 79626240 -> "79.6 M"; 812 -> "812". `unit` follows the SI prefix ("B" -> "159.4 MB").
std::string si(double value, std::string_view unit = {});
// 0.42 -> "0.4 s", 75 -> "1 min 15 s", 4000 -> "1 h 7 min".
std::string duration(double seconds);

// Untrusted text as one line that is safe to show in a terminal: take_visible() for each character.
// A backslash becomes \x5c, so that the text cannot imitate an escape. Quotes stay.
std::string escaped(std::string_view text);
// Removes the next character from `text` (not empty) and returns how to show it: unchanged; \xNN
// for a control character or a byte that is not UTF-8; \u{202e} for a character that is invisible
// or changes the direction of text.
std::string take_visible(std::string_view& text);

// ASCII letters become lower-case; other characters stay.
constexpr char lower_case(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
std::string lower_case(std::string_view text);

// Decimal digits without a leading zero; nullopt for anything else, or above 64 bits.
std::optional<uint64_t> decimal(std::string_view text);

// Without white space at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace wmk
