// Hints for commands and options that there are not.
#include "cli/misspelt.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include "cli/program.h"

namespace wmk::cli {
namespace {

std::optional<Error> parsed(const std::string& line) {
  CLI::App program;
  Action action;
  declare_program(program, action);
  try {
    program.parse(line);
  } catch (const CLI::ParseError&) {
    return misspelt(program);
  }
  return std::nullopt;
}

void check_told(const std::string& line, const std::string& message, const std::string& hint) {
  const auto told = parsed(line);
  REQUIRE(told);
  CHECK(told->message() == message);
  CHECK(told->hint() == hint);
}

}  // namespace

TEST_CASE("the nearest name is found", "[cli]") {
  const std::vector<std::string> names = {"detect", "embed", "log", "inspect"};
  CHECK(nearest_name("detec", names) == "detect");
  CHECK(nearest_name("deetct", names) == "detect");
  CHECK(nearest_name("imbed", names) == "embed");
  CHECK(nearest_name("lgo", names) == std::nullopt);  // two of three letters
  CHECK(nearest_name("frobnicate", names) == std::nullopt);
  CHECK(nearest_name("", names) == std::nullopt);
  CHECK(nearest_name(std::string(1 << 20, 'x'), names) == std::nullopt);
}

TEST_CASE("a word that nothing is named is told with what it could be", "[cli]") {
  check_told("detec model --key owner.key", "unknown command 'detec'",
             "did you mean 'detect'? see 'weightmark --help'");
  check_told("claim pac out", "unknown command 'pac'",
             "did you mean 'pack'? see 'weightmark claim --help'");
  check_told("detect model --key owner.key --ful", "unknown option '--ful' of 'weightmark detect'",
             "did you mean '--full'? see 'weightmark detect --help'");
  check_told("detect model other --key owner.key",
             "unexpected argument 'other' of 'weightmark detect'",
             "see 'weightmark detect --help'");
  CHECK_FALSE(parsed("detect model"));  // something is missing
  CHECK_FALSE(parsed("detect model --key owner.key"));
}

}  // namespace wmk::cli
