// MindSpore checkpoints (specs/mindspore.md): one file, or a folder with one.
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

inline constexpr std::string_view kMindSporeSuffix = ".ckpt";

// By the first bytes.
bool is_mindspore_file(const std::filesystem::path& file);
// Whether `folder` has such a file named *.ckpt, and no safetensors.
bool is_mindspore_folder(const std::filesystem::path& folder);
// `path` is `folder` itself or one file, whatever its name.
Result<Contents> open_mindspore(const std::filesystem::path& path,
                                const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
