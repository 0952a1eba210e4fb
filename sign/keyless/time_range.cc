#include "sign/keyless/time_range.h"

#include <ctime>

namespace wmk::sign {

namespace {

// `count` digits at the start of `text`, removed; -1 if there are fewer.
int take_digits(std::string_view& text, size_t count) {
  if (text.size() < count) return -1;
  int out = 0;
  for (const char c : text.substr(0, count)) {
    if (c < '0' || c > '9') return -1;
    out = out * 10 + (c - '0');
  }
  text.remove_prefix(count);
  return out;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// The fraction of a second: whether it is not zero; nullopt for a '.' without digits.
std::optional<bool> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return false;
  bool positive = false;
  size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    positive = positive || text[digits] != '0';
  }
  text.remove_prefix(digits);
  return digits > 0 ? std::optional(positive) : std::nullopt;
}

// "Z" or "+01:00", in seconds; nullopt for any other text.
std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z") return 0;
  const bool minus = text.starts_with('-');
  if (!minus && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  const int hours = take_digits(text, 2);
  const bool colon = take(text, ':');
  const int minutes = take_digits(text, 2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !text.empty()) {
    return std::nullopt;
  }
  const int seconds = hours * 3600 + minutes * 60;
  return minus ? -seconds : seconds;
}

}  // namespace

std::optional<int64_t> parse_time(std::string_view text, Rounding rounding) {
  std::tm parts{};
  const int year = take_digits(text, 4);
  bool good = take(text, '-');
  const int month = take_digits(text, 2);
  good = good && take(text, '-');
  parts.tm_mday = take_digits(text, 2);
  good = good && take(text, 'T');
  parts.tm_hour = take_digits(text, 2);
  good = good && take(text, ':');
  parts.tm_min = take_digits(text, 2);
  good = good && take(text, ':');
  parts.tm_sec = take_digits(text, 2);
  if (!good || year < 0 || parts.tm_sec < 0 || parts.tm_sec > 59) return std::nullopt;
  const auto fraction = take_fraction(text);
  const auto offset = parse_offset(text);
  if (!fraction || !offset) return std::nullopt;
  parts.tm_year = year - 1900;
  parts.tm_mon = month - 1;
  const std::tm given = parts;
  const time_t seconds = timegm(&parts);  // normalises: 30 February becomes another day
  if (parts.tm_mon != given.tm_mon || parts.tm_mday != given.tm_mday ||
      parts.tm_hour != given.tm_hour || parts.tm_min != given.tm_min) {
    return std::nullopt;
  }
  return static_cast<int64_t>(seconds) - *offset + (*fraction && rounding == Rounding::up ? 1 : 0);
}

}  // namespace wmk::sign
