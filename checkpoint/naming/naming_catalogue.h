// The rules files that come with the program, as text.
//
// Purpose: the build generates the source file (cmake/embed_text.cmake) from *.rules, in the order
// of checkpoint/naming/catalogue; families() parses the texts. Thread-safety: constants.
#pragma once

#include <span>
#include <string_view>

namespace wmk::checkpoint {

struct RulesText {
  std::string_view source;  // "llama.rules"
  std::string_view text;
};
std::span<const RulesText> shipped_rules();

}  // namespace wmk::checkpoint
