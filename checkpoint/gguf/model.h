// Config and vocabulary from the keys of a GGUF file.
//
// Purpose: gives the same Config and the same labels as the Hugging Face folder of the model
// (specs/gguf.md 5, 6). Thread-safety: pure functions.
#pragma once

#include <optional>
#include <string>

#include "checkpoint/gguf/header.h"
#include "checkpoint/text/config.h"
#include "checkpoint/text/tokenizer.h"

namespace wmk::checkpoint {

Config gguf_config(const GgufValues& values);

// None: the file has no tokens.
std::optional<SpelledTokens> gguf_tokens(const GgufValues& values);

// The number of heads of tensor `name` if the conversion reordered its rows (attn_q and attn_k of
// architectures with rotary halves), else 0.
uint64_t gguf_rotary_heads(const GgufValues& values, std::string_view name);
// The same for an adapter in GGUF: heads are those of its base.
uint64_t gguf_rotary_heads(const Config& config, std::string_view architecture,
                           std::string_view name);

}  // namespace wmk::checkpoint
