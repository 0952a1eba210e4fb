// The index of a sharded checkpoint: which file holds which tensor (*.safetensors.index.json,
// *.bin.index.json).
//
// Purpose: parses the index and compares it with the shards. Nothing in it is trusted: file names
// have no folders, and index and shards must list the same tensors (specs/checkpoint.md).
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
  std::string file;                  // without folders; ends in the given suffix
  std::vector<std::string> tensors;  // sorted
};

struct ShardIndex {
  std::vector<Shard> shards;  // by file name
  bool has_total_size = false;
  std::optional<uint64_t> total_size;  // none: missing, or not a whole number
};

// All files must end in `suffix`.
Result<ShardIndex> parse_shard_index(std::string json, std::string_view suffix = ".safetensors");

// An Error unless `held`, the tensors in the header of the shard, are those that the index lists.
Status check_shard(const Shard& shard, std::span<const Tensor> held);

// The name of a file, without any folder.
bool is_bare_file_name(std::string_view name);

}  // namespace wmk::checkpoint
