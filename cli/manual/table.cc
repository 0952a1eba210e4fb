#include "cli/manual/table.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/text.h"

namespace wmk::cli {
namespace {

// CLI11 appends a check to the type: "TEXT:{auto,always}", "UINT:UINT in [0 - 1024]".
void read_type(const std::string& type, OptionEntry& entry) {
  const size_t colon = type.find(':');
  entry.value = type.substr(0, colon);
  if (colon == std::string::npos) return;
  const std::string check = type.substr(colon + 1);
  if (!check.starts_with('{') || !check.ends_with('}')) {
    entry.range = check;
    return;
  }
  for (const std::string& choice : CLI::detail::split(check.substr(1, check.size() - 2), ',')) {
    entry.choices.push_back(choice);
  }
}

std::vector<std::string> names_of(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(option->get_name());
  std::sort(names.begin(), names.end());  // the set is in the order of addresses
  return names;
}

OptionEntry entry_of(const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_snames()) entry.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  if (option.get_positional()) entry.positional = option.get_name(true);
  if (option.get_type_size_max() > 0) read_type(option.get_type_name(), entry);
  entry.needs = names_of(option.get_needs());
  entry.excludes = names_of(option.get_excludes());
  entry.required = option.get_required();
  entry.repeatable = option.get_expected_max() > 1;
  entry.help = option.get_description();
  return entry;
}

void list_commands(const CommandEntry& command, std::vector<const CommandEntry*>& out) {
  out.push_back(&command);
  for (const CommandEntry& each : command.commands) list_commands(each, out);
}

}  // namespace

CommandEntry table_of(const CLI::App& app, const std::string& parent) {
  CommandEntry command;
  command.path = parent.empty() ? app.get_name() : cat(parent, " ", app.get_name());
  command.help = app.get_description();
  command.footer = app.get_footer();
  command.needs_command = app.get_require_subcommand_min() > 0;
  for (const CLI::Option* option : app.get_options()) {
    const bool positional = option->get_positional();
    (positional ? command.arguments : command.options).push_back(entry_of(*option));
  }
  for (const CLI::App* each : app.get_subcommands({})) {
    command.commands.push_back(table_of(*each, command.path));
  }
  return command;
}

std::vector<const CommandEntry*> all_commands(const CommandEntry& program) {
  std::vector<const CommandEntry*> out;
  list_commands(program, out);
  return out;
}

}  // namespace wmk::cli
