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
  const auto command = parsed("detec model --key owner.key");
  REQUIRE(command);
  CHECK(command->message() == "unknown command 'detec'");
  CHECK(command->hint() == "did you mean 'detect'? see 'weightmark --help'");
  const auto inner = parsed("claim pac out");
  REQUIRE(inner);
  CHECK(inner->message() == "unknown command 'pac'");
  CHECK(inner->hint() == "did you mean 'pack'? see 'weightmark claim --help'");
  const auto option = parsed("detect model --key owner.key --ful");
  REQUIRE(option);
  CHECK(option->message() == "unknown option '--ful' of 'weightmark detect'");
  CHECK(option->hint() == "did you mean '--full'? see 'weightmark detect --help'");
  const auto argument = parsed("detect model other --key owner.key");
  REQUIRE(argument);
  CHECK(argument->message() == "unexpected argument 'other' of 'weightmark detect'");
  CHECK_FALSE(parsed("detect model"));  // something is missing
  CHECK_FALSE(parsed("detect model --key owner.key"));
}

}  // namespace wmk::cli
