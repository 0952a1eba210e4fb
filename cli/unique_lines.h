// Files with a name on each line.
//
// Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace wmk::cli {

// The lines without white space around them; empty lines, and those that were there before, are
// left out. `what` is on a line: "licensee id". Errors: reading; a line that is not UTF-8; none.
Result<std::vector<std::string>> read_unique_lines(const std::string& path, const char* what,
                                                   uint64_t bytes_max);

}  // namespace wmk::cli
