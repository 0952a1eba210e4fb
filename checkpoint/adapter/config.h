// The values of adapter_config.json of a low-rank adapter.
//
// Purpose: unknown settings that could change the merge are errors. Lifetime: plain values.
// Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

inline constexpr std::string_view kAdapterConfigName = "adapter_config.json";

struct AdapterConfig {
  double alpha = 8;
  bool is_unscaled = false;           // the scale is 1, whatever alpha is
  bool rank_stabilised = false;       // alpha / sqrt(r) in place of alpha / r
  bool has_magnitudes = false;        // DoRA
  bool is_stored_transposed = false;  // matrices of the base are [in, out]
  std::string base;                   // base_model_name_or_path, or empty
  // Exceptions from alpha, by the end of the name of the module; the first match counts.
  std::vector<std::pair<std::string, double>> alphas;

  float scale(std::string_view module, uint64_t rank) const;
};

Result<AdapterConfig> read_adapter_config(const std::filesystem::path& folder);
Result<AdapterConfig> parse_adapter_config(std::string json);

}  // namespace wmk::checkpoint
