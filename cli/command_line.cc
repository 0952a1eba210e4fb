#include "cli/command_line.h"

#include <CLI/CLI.hpp>

namespace wmk::cli {

namespace {

constexpr const char* kExample = "example: ";

// The empty value of a script's unset variable would count as no option at all.
CLI::Option* filled(CLI::Option* option) {
  return option->check([](const std::string& value) -> std::string {
    return value.empty() ? "the value is empty (an unset variable?)" : "";
  });
}

}  // namespace

Option& Option::required(bool is_required) {
  option_->required(is_required);
  return *this;
}

Option& Option::excludes(const Option& other) {
  option_->excludes(other.option_);
  return *this;
}
Option& Option::needs(const Option& other) {
  option_->needs(other.option_);
  return *this;
}

Option& Option::one_of(std::initializer_list<const char*> values) {
  option_->check(CLI::IsMember(std::vector<std::string>(values.begin(), values.end())));
  return *this;
}

Option& Option::at_most(unsigned value) {
  option_->check(CLI::Range(0u, value));
  return *this;
}

Command Command::add_subcommand(const std::string& name, const std::string& help) {
  return Command(app_->add_subcommand(name, help));
}

Option Command::add_flag(const std::string& name, bool& to, const std::string& help) {
  return Option(app_->add_flag(name, to, help));
}

Option Command::add_option(const std::string& name, std::string& to, const std::string& help) {
  return Option(filled(app_->add_option(name, to, help)));
}

Option Command::add_option(const std::string& name, double& to, const std::string& help) {
  return Option(app_->add_option(name, to, help));
}

Option Command::add_option(const std::string& name, unsigned& to, const std::string& help) {
  return Option(app_->add_option(name, to, help));
}

Option Command::add_option(const std::string& name, uint64_t& to, const std::string& help) {
  return Option(app_->add_option(name, to, help));
}

Option Command::add_option(const std::string& name, std::optional<unsigned>& to,
                           const std::string& help) {
  return Option(app_->add_option(name, to, help));
}

Option Command::add_option(const std::string& name, std::vector<std::string>& to,
                           const std::string& help) {
  const bool positional = !name.starts_with('-');
  return Option(
      filled(app_->add_option(name, to, help)->type_size(1)->allow_extra_args(positional)));
}

Option Command::add_arguments(const std::string& name, std::vector<std::string>& to,
                              const std::string& help) {
  return Option(filled(app_->add_option(name, to, help)->expected(1, 1 << 16)));
}

Option Command::add_option(const std::string& name,
                           const std::function<void(const std::string&)>& to,
                           const std::string& help) {
  return Option(filled(app_->add_option_function<std::string>(name, to, help)));
}

void Command::example(const std::string& line) {
  const std::string inherited = app_->get_footer();
  app_->footer(inherited.substr(0, inherited.find(kExample)) + kExample + line);
}

void Command::allow_one_subcommand() { app_->require_subcommand(0, 1); }
void Command::require_one_subcommand() { app_->require_subcommand(1); }
bool Command::has_subcommand() const { return !app_->get_subcommands().empty(); }
void Command::callback(std::function<void()> call) { app_->callback(std::move(call)); }

void missing(const std::string& text) { throw CLI::RequiredError(text); }

}  // namespace wmk::cli
