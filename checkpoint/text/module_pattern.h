// Targets of compressed-tensors: which modules of a model a setting applies to.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wmk::checkpoint {

// Whether `text` begins with a match of a regular expression of Python: literals, '.', classes,
// groups, alternatives, look-ahead, repetition, '^' and '$'. False for other syntax, patterns and
// texts above 256 bytes, and where the search takes too many steps.
bool begins_with_match(std::string_view pattern, std::string_view text);

// "re:PATTERN", the name of the module, or its class: "Embedding" for modules that are named like
// one, "Linear" for all others.
bool matches_target(std::string_view target, std::string_view module);
bool matches_any(const std::vector<std::string>& targets, std::string_view module);
bool is_embedding_name(std::string_view module);

}  // namespace wmk::checkpoint
