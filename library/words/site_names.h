// A choice of sites as a user writes it (--sites).
//
// Thread-safety: pure function.
#pragma once

#include <string>

#include "base/result.h"
#include "embed/sites/site.h"

namespace wmk::library {

// "ffn,output": names of sites, separated by commas. Error (invalid_argument): an unknown one, or
// none.
Result<embed::Sites> sites_of(const std::string& text);

}  // namespace wmk::library
