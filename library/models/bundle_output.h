// Whether a signature file may be written.
//
// Thread-safety: pure functions; they look at the file system.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace wmk::library {

// Leaves no file, because the bundle may be inside the model that is signed. Even with `replace`,
// which the user knows as `option`, only bundles are replaced, so that a typing error never
// destroys a key or a file of the model. Errors (invalid_argument, io): it may not, or cannot.
Status can_write_bundle(const std::string& path, bool replace, std::string_view option);

}  // namespace wmk::library
