// Low-rank adapters (LoRA, DoRA) as PEFT saves them.
//
// Purpose: an adapter holds no weights of its own; laid over its base it is a model
// (specs/adapter.md). Thread-safety: pure functions.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// A folder (or the weights file in it) with an adapter and no model.
bool is_adapter(const std::filesystem::path& path);

// Why an adapter cannot be read by itself.
Error adapter_without_base(const std::filesystem::path& path);

// The model that the adapter makes of `base`: files and tensors of the base first, updated matrices
// in place of theirs.
Result<Contents> merge_adapter(Contents base, const std::filesystem::path& adapter);

}  // namespace wmk::checkpoint
