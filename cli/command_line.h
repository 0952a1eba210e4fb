// Declares commands and their options without including CLI11.
//
// Purpose: CLI11 takes ten seconds to compile, so only main.cc, misspelt.cc and command_line.cc
// include it; commands use these two handles. Lifetime: handles refer to the parser, which main
// owns. Variables that options are read into must outlive the parsing. Thread-safety: main thread
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace wmk::cli {

// A positional argument, an option or a flag.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}
  Option& required(bool is_required = true);
  Option& excludes(const Option& other);
  Option& needs(const Option& other);
  Option& one_of(std::initializer_list<const char*> values);
  Option& at_most(unsigned value);

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_subcommand(const std::string& name, const std::string& help);
  Option add_flag(const std::string& name, bool& to, const std::string& help);
  Option add_option(const std::string& name, std::string& to, const std::string& help);
  Option add_option(const std::string& name, double& to, const std::string& help);
  Option add_option(const std::string& name, unsigned& to, const std::string& help);
  Option add_option(const std::string& name, uint64_t& to, const std::string& help);
  Option add_option(const std::string& name, std::optional<unsigned>& to, const std::string& help);
  // May be given several times, with one value each; a positional argument takes several values.
  Option add_option(const std::string& name, std::vector<std::string>& to, const std::string& help);
  // A positional argument, or an option, that takes one or more values; the last of the command.
  Option add_arguments(const std::string& name, std::vector<std::string>& to,
                       const std::string& help);
  Option add_option(const std::string& name, const std::function<void(const std::string&)>& to,
                    const std::string& help);

  // A line that does what the command is for; ends the command's help and manual page.
  void example(const std::string& line);
  void allow_one_subcommand();
  void require_one_subcommand();
  bool has_subcommand() const;  // the user named one
  // `call` runs if the user named this command.
  void callback(std::function<void()> call);

 private:
  CLI::App* app_;
};

// Ends the parsing with an error: a required argument is missing.
[[noreturn]] void missing(const std::string& text);

}  // namespace wmk::cli
