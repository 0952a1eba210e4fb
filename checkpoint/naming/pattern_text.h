// Words and patterns of a rules file (specs/naming.md 1).
//
// Purpose: the lexical part of naming.cc. Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

// Words of a line, separated by blanks; a word that begins with "//" ends the line.
std::vector<std::string_view> words_of(std::string_view line);

// "self_attn.{q,k}_proj" -> "self_attn.q_proj", "self_attn.k_proj". Errors (malformed) say what is
// wrong with the pattern: braces that do not match, a '#' that is not a whole segment, ...
Result<std::vector<std::string>> expanded(std::string_view pattern);

}  // namespace wmk::checkpoint
