// Files that are not read as a checkpoint: recognised, so that the error can say what to do.
//
// Thread-safety: pure functions; they read the first bytes of a file.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace wmk::checkpoint {

// Why this file is not read (unsupported, with advice), by its first bytes; none: unknown.
std::optional<Error> foreign_by_content(const std::filesystem::path& file);

// The same by its name, for files whose content is unknown.
std::optional<Error> foreign_by_name(const std::filesystem::path& file);

}  // namespace wmk::checkpoint
