// Checkpoints of torch.distributed.checkpoint, and Megatron's "torch_dist".
// The format: specs/stored_parts.md 2.
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

inline constexpr std::string_view kDistributedMetadata = ".metadata";
inline constexpr std::string_view kDistributedSuffix = ".distcp";

// Whether `folder` has what transformers would open: then it is no model in parts.
bool has_usual_model(const std::filesystem::path& folder);

// Whether `folder` has a .metadata file and *.distcp files, and no usual model.
bool is_distributed_folder(const std::filesystem::path& folder);
Result<Contents> open_distributed(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
