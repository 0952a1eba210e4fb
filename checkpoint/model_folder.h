// The folder a model lies in.
//
// Thread-safety: pure functions; they look at the file system.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

// Names of files in `folder` that end in `suffix`, sorted. Hidden files are left alone: copying
// tools and desktops leave such beside the real ones.
Result<std::vector<std::string>> list_files(const std::filesystem::path& folder,
                                            std::string_view suffix);

// A link may point to a place inside the folder, and not out of it: a model is one folder, and a
// stranger's model must not make us read (and copy) other files.
Status check_inside(const std::filesystem::path& folder, const std::filesystem::path& file);

}  // namespace wmk::checkpoint
