// The option --sites: a choice of sites on the command line.
//
// Thread-safety: pure function.
#pragma once

#include <string>

#include "base/result.h"
#include "embed/sites/site.h"

namespace wmk::cli {

// "ffn,output": names of sites, separated by commas. Error (invalid_argument): an unknown one, or
// none.
Result<embed::Sites> sites_of(const std::string& text);

}  // namespace wmk::cli
