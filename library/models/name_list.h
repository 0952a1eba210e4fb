// Lists of names that a user gives: licensees, suspects.
//
// Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::library {

// Each name once, in their order, without white space around it; empty ones are left out. `what` is
// in the list: "licensee id". Errors (malformed): a name that is not UTF-8, or has a NUL, which the
// readers of what is written with it would not take; none.
Result<std::vector<std::string>> distinct_names(std::span<const std::string_view> names,
                                                const char* what);

// Those on the lines of a file, without a byte order mark before them. The same errors, which name
// the line, and reading.
Result<std::vector<std::string>> read_names(const std::string& path, const char* what,
                                            uint64_t bytes_max);

}  // namespace wmk::library
