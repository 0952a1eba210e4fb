// Weights in another format that lie beside the ones that are read.
//
// Thread-safety: pure functions.
#pragma once

#include <filesystem>

#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Adds a note to `contents` for each such file of the folder.
void note_other_formats(const std::filesystem::path& folder, Contents& contents);

}  // namespace wmk::checkpoint
