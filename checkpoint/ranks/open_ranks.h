// Models stored as the parts of ranks of tensor parallelism (specs/stored_parts.md 3 to 5).
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Whether `folder` is a checkpoint of Megatron-LM: it has folders mp_rank_NN, or names its last
// iteration, and has no usual model.
bool is_megatron_folder(const std::filesystem::path& folder);
Result<Contents> open_megatron(const std::filesystem::path& folder);

// Whether `folder` holds model-rank-N-part-M.safetensors, and no index or other safetensors.
bool is_vllm_folder(const std::filesystem::path& folder);
Result<Contents> open_vllm(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
