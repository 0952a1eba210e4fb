// The rule files we ship, as text inside the program.
//
// Purpose: the bridge from checkpoint/naming/*.rules to families(); the build writes the source
// file behind it (cmake/embed_text.cmake), in the order of checkpoint/naming/catalogue.
// Thread-safety: constants.
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
