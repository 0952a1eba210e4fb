// Declaring words and flags, without the header of the library behind it.
//
// Purpose: CLI11 takes ten seconds to compile; one file includes it, and commands see these two
// handles. Lifetime: handles refer to the parser, which main owns; what options are read into must
// outlive the parsing. Thread-safety: main thread only.
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

// One word or flag.
class Word {
 public:
  explicit Word(CLI::Option* option) : option_(option) {}
  Word& required(bool is_required = true);
  Word& excludes(const Word& other);
  Word& one_of(std::initializer_list<const char*> values);
  Word& at_most(unsigned value);

 private:
  CLI::Option* option_;
};

class Command {
 public:
  explicit Command(CLI::App* app) : app_(app) {}

  Command add_subcommand(const std::string& name, const std::string& help);
  Word add_flag(const std::string& name, bool& to, const std::string& help);
  Word add_option(const std::string& name, std::string& to, const std::string& help);
  Word add_option(const std::string& name, double& to, const std::string& help);
  Word add_option(const std::string& name, unsigned& to, const std::string& help);
  Word add_option(const std::string& name, uint64_t& to, const std::string& help);
  Word add_option(const std::string& name, std::optional<unsigned>& to, const std::string& help);
  // May be given several times, with one value each.
  Word add_option(const std::string& name, std::vector<std::string>& to, const std::string& help);
  Word add_option(const std::string& name, std::function<void(const std::string&)> to,
                  const std::string& help);

  void allow_one_subcommand();
  void require_one_subcommand();
  bool has_subcommand() const;  // one was named
  // Called when the command was named.
  void callback(std::function<void()> call);

 private:
  CLI::App* app_;
};

// Ends the parsing: something is missing.
[[noreturn]] void missing(const std::string& text);

}  // namespace wmk::cli
