// Man pages of the program and of each command, from the table of options.
//
// Purpose: text in the macros of man(7). Lifetime: values. Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "cli/manual/table.h"

namespace wmk::cli {

struct ManPage {
  std::string name;  // "weightmark-embed"; the section is 1
  std::string text;
};

// `release`: "0.1.0"; `date`: "2026-11-27".
std::vector<ManPage> man_pages(const CommandEntry& program, const std::string& release,
                               const std::string& date);

}  // namespace wmk::cli
