// The wording of the verdicts of `detect`: one table for the text, the JSON document and the page.
//
// Lifetime: static data. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "report/level.h"
#include "verify/detect.h"

namespace wmk::library {

struct VerdictWords {
  std::string_view code;    // for programs: "not_found"
  std::string_view name;    // first word of an answer: "not found"
  std::string_view colour;  // class of the page's verdict box
  // The finding is `before`, the key, `after`.
  std::string_view before, after;
  std::string_view meaning, not_meaning;
};

const VerdictWords& words_of(report::Level level);
// A sentence without its full stop. `key`: a fingerprint, or "the key". A conditional claim states
// its conditions in it.
std::string finding(const verify::Detection& found, std::string_view key);
// ", if ...; otherwise this shows nothing", or empty for a theorem.
std::string condition_clause(const verify::Claim& claim);
// What a *no* does not exclude.
std::string not_excluded(bool has_record);
// The same of a folder on a server, which cannot be listed; else empty.
std::string not_asked_for(bool is_unlisted);
// The finding and all conditions, as sentences.
std::string statement(const std::string& finding, bool is_yes, const verify::Claim& claim);
// Where a frame comes from.
std::string frame_text(verify::FrameSource frame);
// Where the frame or the labels of the answer come from.
std::string frame_words(const verify::Detection& found);
// What to do about the doubt, which there must be.
std::string next_step(const verify::Detection& found, bool is_disclosure = false);
// How many readings of the model were tried.
size_t readings_tried(const verify::Detection& found);
// Remarks about the result beside its verdict.
std::vector<std::string> remarks(const verify::Detection& found);

}  // namespace wmk::library
