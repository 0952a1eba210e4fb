// The values of config.json. They are advice: shapes are derived from tensors, and a disagreement
// is only noted. The file is read in the dialect of Python's json (base/json.h).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kConfigBytesMax = 16ull << 20;

struct Config {
  bool present = false;
  std::string model_type;        // of text_config in a multi-modal config
  std::string shell_model_type;  // of the top level, if model_type is that of text_config
  std::optional<uint64_t> hidden_size, layers, vocabulary, experts, experts_per_token;
  std::optional<uint64_t> context;
  std::optional<uint64_t> heads, kv_heads, head_size, value_size;  // of attention
  std::optional<bool> tied_embeddings;
  std::string quantization;        // quantization_config.quant_method, or empty
  std::string architecture;        // the first of architectures, or empty
  std::vector<std::string> notes;  // oddities of the file
};

inline constexpr json::Limits kConfigLimits{.bytes_max = kConfigBytesMax, .python_dialect = true};

// A missing config.json gives `present == false`; a damaged one is an Error. Names of the
// keys: specs/checkpoint.md 7.
Result<Config> read_config(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
