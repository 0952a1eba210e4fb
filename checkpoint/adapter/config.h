// What adapter_config.json says of a low-rank adapter.
//
// Purpose: refuses by name what changes the merge and is not known here. Lifetime: plain values.
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
  bool rank_stabilised = false;       // alpha / sqrt(r) in place of alpha / r
  bool has_magnitudes = false;        // DoRA
  bool is_stored_transposed = false;  // matrices of the base are [in, out]
  // Other alphas, by the end of a module's name; the first that fits counts.
  std::vector<std::pair<std::string, double>> alphas;

  float scale(std::string_view module, uint64_t rank) const;
};

Result<AdapterConfig> read_adapter_config(const std::filesystem::path& folder);
Result<AdapterConfig> parse_adapter_config(std::string json);

}  // namespace wmk::checkpoint
