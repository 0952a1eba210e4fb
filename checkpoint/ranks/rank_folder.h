// The folders of a checkpoint of Megatron-LM: which rank is where.
//
// Thread-safety: pure functions; they read the file system.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wmk::checkpoint {

// "mp_rank_01", "mp_rank_01_003", "mp_rank_01_003_000"
struct MegatronRank {
  uint64_t tensor = 0, pipeline = 0, expert = 0;
  auto operator<=>(const MegatronRank&) const = default;
};
std::optional<MegatronRank> parse_megatron_rank(std::string_view name);

struct MegatronFolder {
  // By pipeline stage, then by rank of tensor parallelism; all stages have the same number.
  std::vector<std::vector<std::filesystem::path>> stages;  // files
};

// The iteration that a training run's folder names as its last, or `folder` itself.
Result<std::filesystem::path> last_iteration(const std::filesystem::path& folder);
bool has_megatron_ranks(const std::filesystem::path& folder);
// Error: a rank is missing, or there are ranks of experts.
Result<MegatronFolder> list_megatron_ranks(const std::filesystem::path& folder);

}  // namespace wmk::checkpoint
