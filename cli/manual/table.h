// The table of commands and options as plain values.
//
// Purpose: what CLI11 holds about the program, for those that write man pages and completions.
// Lifetime: values own their text. Thread-safety: plain values.
#pragma once

#include <string>
#include <vector>

#include "cli/program.h"

namespace wmk::cli {

struct OptionEntry {
  std::vector<std::string> names;    // "-o", "--out"; none for a positional argument
  std::string positional;            // "model"; empty for an option
  std::string value;                 // "TEXT", "UINT", "FLOAT"; empty for a flag
  std::vector<std::string> choices;  // the only values, if there are any
  std::string range;                 // "UINT in [0 - 1024]", if there is one
  std::vector<std::string> needs, excludes;
  bool required = false;
  bool repeatable = false;
  std::string help;

  bool takes_value() const { return !value.empty(); }
  // Any text may be the name of a file; numbers and choices are none.
  bool may_be_file() const { return value == "TEXT" && choices.empty(); }
};

struct CommandEntry {
  std::string path;  // "weightmark log append"
  std::string help;
  std::string footer;
  std::vector<OptionEntry> arguments;  // positional
  std::vector<OptionEntry> options;
  std::vector<CommandEntry> commands;
  bool needs_command = false;

  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

CommandEntry table_of(const CLI::App& app, const std::string& parent = {});

// Every command, the program itself first, each before its own commands.
std::vector<const CommandEntry*> all_commands(const CommandEntry& program);

}  // namespace wmk::cli
