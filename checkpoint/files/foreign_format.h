// Weights files of other makers: recognised, so that the refusal can say what to do.
//
// Thread-safety: pure functions; they read the first bytes of a file.
#pragma once

#include <filesystem>
#include <optional>

#include "base/result.h"

namespace wmk::checkpoint {

// Why we do not read this file (unsupported, with advice), by its first bytes; or none: unknown.
std::optional<Error> foreign_by_content(const std::filesystem::path& file);

// The same by its name, where the first bytes say nothing.
std::optional<Error> foreign_by_name(const std::filesystem::path& file);

}  // namespace wmk::checkpoint
