// The option --sites: a choice of sites on the command line.
//
// Thread-safety: pure function.
#pragma once

#include <string_view>

#include "base/result.h"
#include "embed/sites/site.h"

namespace wmk::cli {

// "ffn,heads". Error (invalid_argument): an unknown site, or none.
Result<embed::Sites> sites_of(std::string_view text);

}  // namespace wmk::cli
