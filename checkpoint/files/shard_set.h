// Which weights files of a folder without an index are one model.
//
// Purpose: Mistral's folders hold a consolidated copy beside the shards, others a second set.
// Thread-safety: pure function.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace wmk::checkpoint {

struct ShardSet {
  std::vector<std::string> files;   // to read together
  std::vector<std::string> others;  // weights of another set
};

// Complete sets of shards, by stem; `others` is empty.
std::vector<ShardSet> shard_groups(const std::vector<std::string>& names, std::string_view suffix);

// `names` all end in `suffix` and are sorted. "model" + suffix alone; else the only complete set of
// shards ("model-00001-of-00002"), preferably of the stem "model"; else all, without consolidated
// copies if there is anything else.
ShardSet choose_shard_set(const std::vector<std::string>& names, std::string_view suffix);

}  // namespace wmk::checkpoint
