// LoRA adapters in GGUF, as llama.cpp converts them.
//
// Purpose: the same merge as for adapters of PEFT, with the names and the order of rows of GGUF
// (specs/adapter.md 4). Thread-safety: pure functions.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "checkpoint/adapter/config.h"
#include "checkpoint/tensor.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// A GGUF file with general.type "adapter"; false for a file that is not GGUF or is damaged.
bool is_gguf_adapter(const std::filesystem::path& file);

struct GgufLora {
  AdapterConfig config;
  std::string architecture;
};
Result<GgufLora> read_gguf_lora(const std::filesystem::path& file);

// Restores the order of rows that the conversion changed, in B of a query or key matrix `base`
// ("blk.0.attn_q.weight"). Other tensors stay as they are.
Status restore_rows(const GgufLora& lora, const Config& base_config, std::string_view base,
                    Tensor& b);

}  // namespace wmk::checkpoint
