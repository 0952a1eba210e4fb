// What config.json says. Advice only: shapes are derived from tensors, and a disagreement is a
// note.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kConfigBytesMax = 16ull << 20;

struct Config {
  bool present = false;
  std::string model_type;        // of text_config where the top level is a multi-modal shell
  std::string shell_model_type;  // the top level's, if text_config was followed; else empty
  std::optional<uint64_t> hidden_size, layers, vocabulary, experts, experts_per_token;
  std::optional<uint64_t> context;
  std::optional<uint64_t> heads, kv_heads, head_size;  // of attention
  std::optional<bool> tied_embeddings;
  std::string quantization;  // quantization_config.quant_method, or empty
};

// A missing config.json gives `present == false`; a damaged one is an Error. Synonyms of the keys:
// specs/checkpoint.md.
Result<Config> read_config(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
