#include "base/text.h"
#include "cli/manual/completions.h"

namespace wmk::cli {
namespace {

constexpr const char* kFishHead =
    "# Completion of weightmark for fish; the build writes it from the table of options.\n\n";

constexpr const char* kFishAt = R"(
# Is the command line at the command that the arguments name?
function __weightmark_at
    set -l path weightmark
    for word in (commandline -opc)
        if contains -- "$path $word" $__weightmark_paths
            set path "$path $word"
        end
    end
    test "$path" = "$argv"
end

)";

// Inside single quotes of fish, a backslash takes the next backslash or quote as it is.
std::string fish_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_line(const CommandEntry& command) {
  return cat("complete -c weightmark -n ", fish_quoted(cat("__weightmark_at ", command.path)));
}

std::string fish_option(const CommandEntry& command, const OptionEntry& option) {
  std::string out = fish_line(command);
  for (const std::string& name : option.names) {
    const bool is_long = name.starts_with("--");
    out += cat(is_long ? " -l " : " -s ", name.substr(is_long ? 2 : 1));
  }
  std::string values;
  for (const std::string& choice : option.choices) {
    values += cat(values.empty() ? "" : " ", choice);
  }
  if (!values.empty()) {
    out += cat(" -x -a ", fish_quoted(values));
  } else if (option.takes_value()) {
    out += option.may_be_file() ? " -r -F" : " -x";
  }
  return cat(out, " -d ", fish_quoted(option.help), "\n");
}

std::string fish_command(const CommandEntry& command) {
  std::string out;
  if (command.arguments.empty()) out += cat(fish_line(command), " -f\n");
  for (const CommandEntry& each : command.commands) {
    out += cat(fish_line(command), " -a ", each.name(), " -d ", fish_quoted(each.help), "\n");
  }
  for (const OptionEntry& option : command.options) out += fish_option(command, option);
  return out;
}

}  // namespace

std::string fish_completion(const CommandEntry& program) {
  std::string out = cat(kFishHead, "set -g __weightmark_paths");
  for (const CommandEntry* command : all_commands(program)) {
    if (command != &program) out += cat(" \\\n    ", fish_quoted(command->path));
  }
  out += cat("\n", kFishAt);
  for (const CommandEntry* command : all_commands(program)) out += fish_command(*command);
  return out;
}

}  // namespace wmk::cli
