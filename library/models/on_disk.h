// Models whose files must lie on this disk under their own names.
//
// Thread-safety: as remote/localise.h.
#pragma once

#include <string>

#include "base/result.h"

namespace wmk::library {

// For what reads every file of the folder as it is named: an Error for an address, and advice for
// the name of a repository in the local cache.
Status check_on_disk(const std::string& model);

}  // namespace wmk::library
