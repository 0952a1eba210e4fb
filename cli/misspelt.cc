#include "cli/misspelt.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <numeric>

#include "base/text.h"

namespace wmk::cli {

namespace {

// Letters that are added, left out or replaced (Levenshtein 1966).
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) out.push_back("--" + name);
  }
  return out;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* each : app.get_subcommands({})) out.push_back(each->get_name());
  return out;
}

}  // namespace

std::optional<std::string> nearest_name(const std::string& word,
                                        const std::vector<std::string>& names) {
  constexpr size_t kLetters = 3;       // for each letter that may be wrong
  constexpr size_t kLongestWord = 64;  // anything may be written on a command line
  if (word.size() > kLongestWord) return std::nullopt;
  const std::string* best = nullptr;
  size_t least = word.size() / kLetters + 1;
  for (const std::string& name : names) {
    const size_t distance = edit_distance(word, name);
    if (distance >= least) continue;
    least = distance;
    best = &name;
  }
  return best ? std::optional(*best) : std::nullopt;
}

std::optional<Error> misspelt(const CLI::App& app) {
  const CLI::App* at = &app;
  std::string command = app.get_name();
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().back();
    command += " " + at->get_name();
  }
  const auto left = at->remaining();
  if (left.empty()) return std::nullopt;
  const std::string& word = left.front();
  const bool is_option = word.starts_with('-');
  const auto commands = command_names(*at);
  if (!is_option && commands.empty()) {
    return Error(ErrorCode::invalid_argument,
                 cat("unexpected argument '", escaped(word), "' of '", command, "'"))
        .with_hint(cat("see '", command, " --help'"));
  }
  const auto meant = nearest_name(word, is_option ? option_names(*at) : commands);
  return Error(ErrorCode::invalid_argument,
               is_option ? cat("unknown option '", escaped(word), "' of '", command, "'")
                         : cat("unknown command '", escaped(word), "'"))
      .with_hint(cat(meant ? cat("did you mean '", *meant, "'? ") : std::string(), "see '", command,
                     " --help'"));
}

}  // namespace wmk::cli
