// The sites of a mark in words, and what they say together.
//
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "verify/detect.h"

namespace wmk::library {

// "the FFN neurons", "the attention heads", "all sites together".
std::string_view site_words(verify::SiteChoice site);
// The sites that a *no* is about: "the FFN neurons or the attention heads".
std::string excluded_words(const verify::Detection& found);
// What the sites say together (specs/heads.md 6), if they do not agree.
std::optional<std::string> disagreement(const verify::Detection& found);
// Which of two tensors z of the output head is of; nothing where there is no choice.
std::optional<std::string> head_words(const verify::SiteZ& site);
// "layer 3, expert 1", "layer 3, heads".
std::string group_name(const verify::GroupZ& group);

}  // namespace wmk::library
