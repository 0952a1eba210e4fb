// The wording of the verdicts of `detect`: one table for the text, the JSON document and the page.
//
// Lifetime: static data. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "cli/inputs.h"
#include "report/level.h"
#include "verify/detect.h"

namespace wmk::cli {

struct VerdictWords {
  std::string_view code;    // for programs: "not_found"
  std::string_view name;    // first word of an answer: "not found"
  std::string_view colour;  // class of the page's verdict box
  // The finding is `before`, the key, `after`.
  std::string_view before, after;
  std::string_view meaning, not_meaning;
};

const VerdictWords& words_of(report::Level level);
// A sentence without its full stop. `key`: a fingerprint, or "the key".
std::string finding(report::Level level, std::string_view key);

// "layer 3, expert 1".
std::string group_name(const verify::GroupZ& group);

}  // namespace wmk::cli
