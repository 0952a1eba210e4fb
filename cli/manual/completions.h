// Completions of commands, options and their values for three shells, from the table of options.
//
// Purpose: each function gives the whole script for one shell. Lifetime: values. Thread-safety:
// pure functions.
#pragma once

#include <string>

#include "cli/manual/table.h"

namespace wmk::cli {

std::string bash_completion(const CommandEntry& program);
std::string zsh_completion(const CommandEntry& program);
std::string fish_completion(const CommandEntry& program);

// Text inside single quotes of a POSIX shell: ' becomes '\''.
std::string shell_quoted(std::string_view text);
// "weightmark log" -> "weightmark_log".
std::string function_name(std::string_view path);

}  // namespace wmk::cli
