// The index of a sharded checkpoint: which file holds which tensor (*.safetensors.index.json,
// *.bin.index.json).
//
// Purpose: parses the index and holds it against the shards. Nothing in it is trusted: file names
// are bare names, and index and shards must agree in both directions (specs/checkpoint.md).
// Thread-safety: pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kIndexBytesMax = 256ull << 20;

struct Shard {
  std::string file;                  // bare name with the suffix asked for
  std::vector<std::string> tensors;  // sorted
};

struct ShardIndex {
  std::vector<Shard> shards;  // by file name
  bool has_total_size = false;
  std::optional<uint64_t> total_size;  // none: absent, or no whole number
};

// All files must end in `suffix`.
Result<ShardIndex> parse_shard_index(std::string json, std::string_view suffix = ".safetensors");

// `held` are the tensors that the shard's own header lists.
Status check_shard(const Shard& shard, std::span<const Tensor> held);

// Names a file in the index's own folder and nothing else.
bool is_bare_file_name(std::string_view name);

}  // namespace wmk::checkpoint
