// The four verdicts on a mark (specs/verdicts.md). A verdict is a value, never an Error.
#pragma once

#include <string_view>

namespace wmk::report {

enum class Level { conclusive, detected, undecided, not_found };

// "conclusive", "detected", "undecided", "not_found", as in --json.
constexpr std::string_view to_string(Level level) {
  switch (level) {
    case Level::conclusive:
      return "conclusive";
    case Level::detected:
      return "detected";
    case Level::undecided:
      return "undecided";
    default:
      return "not_found";
  }
}

constexpr bool is_yes(Level level) {
  return level == Level::conclusive || level == Level::detected;
}

}  // namespace wmk::report
