// Times in JSON (RFC 3339) and the ranges in which keys of a trusted root are valid.
//
// Thread-safety: plain values; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace wmk::sign {

struct TimeRange {
  int64_t start = 0;           // Unix seconds
  std::optional<int64_t> end;  // inclusive; nullopt: not yet ended

  bool contains(int64_t time) const { return time >= start && (!end || time <= *end); }
};

enum class Rounding { down, up };
// "2022-12-31T23:59:59.999Z" or with an offset, as Unix seconds; nullopt for any other text.
std::optional<int64_t> parse_time(std::string_view text, Rounding rounding);

}  // namespace wmk::sign
