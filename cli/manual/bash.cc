#include <algorithm>

#include "base/text.h"
#include "cli/manual/completions.h"

namespace wmk::cli {
namespace {

constexpr const char* kBashHead =
    R"(# Completion of weightmark for bash; the build writes it from the table of options.

)";

// bash splits "--option=value" into three words. A word that may be a file name is left to the
// defaults of `complete`; compopt takes them away where no file belongs.
constexpr const char* kBashBody = R"(_weightmark() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $cur == "=" ]]; then
    cur=
  elif [[ $prev == "=" ]]; then
    prev=${COMP_WORDS[COMP_CWORD-2]}
  fi
  local path=weightmark commands options valued arguments words files index word skip=
  _weightmark_command "$path"
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=${COMP_WORDS[index]}
    if [[ $word == "=" || ( ! $skip && " $valued " == *" $word "* ) ]]; then
      skip=yes
    elif [[ $skip ]]; then
      skip=
    elif [[ " $commands " == *" $word "* ]]; then
      path+=" $word"
      _weightmark_command "$path"
    fi
  done
  files=$arguments
  if [[ $cur == -* ]]; then
    words=$options
  elif [[ " $valued " == *" $prev "* ]]; then
    _weightmark_values "$path $prev"
  else
    words=$commands
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  [[ $files ]] || compopt +o default 2>/dev/null
}
complete -o default -F _weightmark weightmark
)";

std::string bash_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += cat(out.empty() ? "" : " ", word);
  return shell_quoted(out);
}

// Sets what may follow a command.
std::string bash_command(const CommandEntry& command) {
  std::vector<std::string> commands, options, valued;
  for (const CommandEntry& each : command.commands) commands.push_back(each.name());
  for (const OptionEntry& option : command.options) {
    options.insert(options.end(), option.names.begin(), option.names.end());
    if (option.takes_value()) {
      valued.insert(valued.end(), option.names.begin(), option.names.end());
    }
  }
  const bool has_file = std::any_of(command.arguments.begin(), command.arguments.end(),
                                    [](const OptionEntry& each) { return each.may_be_file(); });
  return cat("    ", shell_quoted(command.path), ")\n      commands=", bash_words(commands),
             "\n      options=", bash_words(options), "\n      valued=", bash_words(valued),
             "\n      arguments=", has_file ? "yes" : "", " ;;\n");
}

// Sets the values of an option, and whether they are files.
std::string bash_values(const CommandEntry& command) {
  std::string out;
  for (const OptionEntry& option : command.options) {
    if (!option.takes_value()) continue;
    std::string patterns;
    for (const std::string& name : option.names) {
      patterns += cat(patterns.empty() ? "" : " | ", shell_quoted(cat(command.path, " ", name)));
    }
    out += cat("    ", patterns, ") words=", bash_words(option.choices),
               " files=", option.may_be_file() ? "yes" : "", " ;;\n");
  }
  return out;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string function_name(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

std::string bash_completion(const CommandEntry& program) {
  std::string commands, values;
  for (const CommandEntry* command : all_commands(program)) {
    commands += bash_command(*command);
    values += bash_values(*command);
  }
  return cat(kBashHead, "_weightmark_command() {\n  case $1 in\n", commands, "  esac\n}\n\n",
             "_weightmark_values() {\n  case $1 in\n", values, "  esac\n}\n\n", kBashBody);
}

}  // namespace wmk::cli
