// Low-rank adapters (LoRA, DoRA) as PEFT saves them, and LoRA in GGUF.
//
// Purpose: an adapter is not a complete model; merged with its base it is one (specs/adapter.md).
// Thread-safety: pure functions.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {

// Whether `path` is a folder (or the weights file in it) with an adapter and no model, or an
// adapter in GGUF.
bool is_adapter(const std::filesystem::path& path);

// The error for an adapter without its base.
Error adapter_without_base(const std::filesystem::path& path);

// base_model_name_or_path in the configuration of the adapter; empty if it names none.
Result<std::string> named_base(const std::filesystem::path& adapter);

// The merged model: the files and tensors of the base, with the updated matrices, then the files of
// the adapter.
Result<Contents> merge_adapter(Contents base, const Config& base_config,
                               const std::filesystem::path& adapter);

}  // namespace wmk::checkpoint
