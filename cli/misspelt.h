// What somebody meant who wrote a command or an option that there is not.
//
// Thread-safety: main thread only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}  // namespace CLI

namespace wmk::cli {

// The name that is at most a third of its letters away from `word`, and the nearest; of equally
// near ones the first.
std::optional<std::string> nearest_name(const std::string& word,
                                        const std::vector<std::string>& names);

// The first word that the parser could not place, and what it could have been; none if it placed
// all of them.
std::optional<Error> misspelt(const CLI::App& app);

}  // namespace wmk::cli
