// What the keys of a GGUF file say of its model.
//
// Purpose: config.json and tokenizer in one: the same Config and the same labels that the model's
// Hugging Face folder gives (specs/gguf.md 5, 6). Thread-safety: pure functions.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/gguf/header.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

Config gguf_config(const GgufValues& values);

// Labels by row, or none where the file has no tokens.
std::optional<std::vector<std::string>> gguf_vocabulary(const GgufValues& values);

// Heads of tensor `name` if conversion has reordered its rows, else 0: attn_q and attn_k of
// architectures with rotary halves.
uint64_t gguf_rotary_heads(const GgufValues& values, std::string_view name);

}  // namespace wmk::checkpoint
