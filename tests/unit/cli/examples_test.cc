// The examples that end the help of each command.
#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <set>

#include "cli/program.h"

namespace wmk::cli {
namespace {

constexpr std::string_view kStart = "example: ";

void list_examples(const CLI::App& app, std::vector<std::pair<std::string, std::string>>& out) {
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string footer = command->get_footer();
    const size_t at = footer.find(kStart);
    out.emplace_back(command->get_name(),
                     at == footer.npos ? "" : footer.substr(at + kStart.size()));
    list_examples(*command, out);
  }
}

}  // namespace

TEST_CASE("every command has an example of its own that the parser accepts", "[cli]") {
  CLI::App program;
  Action action;
  declare_program(program, action);
  std::vector<std::pair<std::string, std::string>> examples;
  list_examples(program, examples);
  REQUIRE(examples.size() > 50);
  for (const auto& [name, example] : examples) {
    INFO(name << ": " << example);
    CHECK(example.find(" " + name + (example.ends_with(name) ? "" : " ")) != example.npos);
    CHECK(example.find("&&") == example.npos);
    CLI::App parser;
    Action chosen;
    declare_program(parser, chosen);
    CHECK_NOTHROW(parser.parse(example, true));
    CHECK(chosen);
  }
}

}  // namespace wmk::cli
