// Models whose files must lie on this disk under their own names.
//
// Thread-safety: as remote/localise.h.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "sign/seal.h"

namespace wmk::library {

// For what reads every file of the folder as it is named: an Error for an address, and advice for
// the name of a repository in the local cache.
Status check_on_disk(const std::string& model);

// Which files of a model on this disk would be signed, and their root. Errors: as above; what
// cannot be signed; reading.
Result<sign::Seal> manifest_of(const std::string& model,
                               const std::vector<std::string>& ignore_paths, unsigned threads,
                               Progress* progress);

}  // namespace wmk::library
