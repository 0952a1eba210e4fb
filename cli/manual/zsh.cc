#include "base/text.h"
#include "cli/manual/completions.h"

namespace wmk::cli {
namespace {

constexpr const char* kZshHead =
    "#compdef weightmark\n"
    "# Completion of weightmark for zsh; the build writes it from the table of options.\n\n";

// A description inside the brackets of a specification of _arguments.
std::string zsh_bracketed(std::string_view text) {
  std::string out = "[";
  for (const char c : text) {
    if (c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out + "]";
}

// The part of a specification that says what the value is: ":TEXT:_files".
std::string zsh_value(const OptionEntry& option, std::string_view message) {
  std::string values;
  for (const std::string& choice : option.choices) {
    values += cat(values.empty() ? "" : " ", choice);
  }
  if (!values.empty()) return cat(":", message, ":(", values, ")");
  return cat(":", message, option.may_be_file() ? ":_files" : ": ");
}

std::string zsh_option(const OptionEntry& option) {
  std::string all, out;
  for (const std::string& name : option.names) all += cat(all.empty() ? "" : " ", name);
  for (const std::string& name : option.names) {
    const char* joint = !option.takes_value() ? "" : name.starts_with("--") ? "=" : "+";
    out += cat(" \\\n    ",
               shell_quoted(cat(option.repeatable ? "*" : cat("(", all, ")"), name, joint,
                                zsh_bracketed(option.help),
                                option.takes_value() ? zsh_value(option, option.value) : "")));
  }
  return out;
}

std::string zsh_argument(const OptionEntry& argument) {
  const char* count = argument.repeatable ? "*" : argument.required ? "" : ":";
  return cat(" \\\n    ", shell_quoted(cat(count, zsh_value(argument, argument.positional))));
}

// A command that has commands hands over to the function of the one that was named.
std::string zsh_dispatch(const CommandEntry& command) {
  if (command.commands.empty()) return {};
  std::string out = "  local -a commands\n  commands=(\n";
  for (const CommandEntry& each : command.commands) {
    out += cat("    ", shell_quoted(cat(each.name(), ":", each.help)), "\n");
  }
  return cat(out,
             "  )\n"
             "  if (( CURRENT > 2 && ${commands[(I)${words[2]}:*]} )); then\n"
             "    shift words\n"
             "    (( CURRENT-- ))\n"
             "    \"_",
             function_name(command.path),
             "_${words[1]}\"\n"
             "    return\n"
             "  fi\n");
}

std::string zsh_function(const CommandEntry& command) {
  std::string out =
      cat("_", function_name(command.path), "() {\n", zsh_dispatch(command), "  _arguments -S :");
  for (const OptionEntry& option : command.options) out += zsh_option(option);
  if (command.commands.empty()) {
    for (const OptionEntry& argument : command.arguments) out += zsh_argument(argument);
  } else {
    const char* files = command.arguments.empty() ? "" : "; _files";
    out += cat(" \\\n    '1: :{_describe -t commands command commands", files, "}'");
  }
  return out + "\n}\n\n";
}

}  // namespace

std::string zsh_completion(const CommandEntry& program) {
  std::string out = kZshHead;
  for (const CommandEntry* command : all_commands(program)) out += zsh_function(*command);
  return out + "_weightmark \"$@\"\n";
}

}  // namespace wmk::cli
