#include "checkpoint/files/shard_index.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "checkpoint/contents.h"

namespace wmk::checkpoint {
namespace {

std::string shown(std::string_view name) { return cat("'", escaped(name.substr(0, 200)), "'"); }

Status check_mapping(const json::Value& entry, std::string_view suffix) {
  const auto file = entry.string();
  if (!file) return malformed(cat("tensor ", shown(entry.key()), ": is not mapped to a file name"));
  if (!is_bare_file_name(*file)) {
    return malformed(cat("tensor ", shown(entry.key()), ": file name ", shown(*file),
                         " is not the name of a file in this folder"));
  }
  if (!file->ends_with(suffix)) {
    return Error(ErrorCode::unsupported, cat("tensor ", shown(entry.key()), ": file ", shown(*file),
                                             " is not a *", suffix, " file"));
  }
  return {};
}

void read_total_size(const json::Value& root, ShardIndex& index) {
  const auto metadata = root.find("metadata");
  const auto total = metadata ? metadata->find("total_size") : std::nullopt;
  index.has_total_size = total.has_value();
  if (total) index.total_size = total->unsigned_integer();
}

}  // namespace

bool is_bare_file_name(std::string_view name) {
  if (name.empty() || name == "." || name.find("..") != std::string_view::npos) return false;
  return std::none_of(name.begin(), name.end(), [](char c) {
    return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
}

Result<ShardIndex> parse_shard_index(std::string json, std::string_view suffix) {
  auto document = json::Document::parse(std::move(json), {.bytes_max = kIndexBytesMax});
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  const auto map = root.find("weight_map");
  if (!map || !map->is(json::Kind::object)) return malformed("has no object 'weight_map'");
  if (map->size() == 0) return malformed("'weight_map' is empty");

  // (file, tensor), sorted: shards become runs, in the order of their names.
  std::vector<std::pair<std::string_view, std::string_view>> entries;
  entries.reserve(map->size());
  for (const json::Value entry : *map) {
    if (auto status = check_mapping(entry, suffix); !status) return std::move(status).error();
    entries.emplace_back(*entry.string(), entry.key());
  }
  std::sort(entries.begin(), entries.end());

  ShardIndex index;
  for (const auto& [file, tensor] : entries) {
    if (index.shards.empty() || index.shards.back().file != file) {
      if (index.shards.size() == kShardsMax) {
        return Error(ErrorCode::limit_exceeded, cat("lists more than ", kShardsMax, " files"));
      }
      index.shards.push_back({.file = std::string(file), .tensors = {}});
    }
    index.shards.back().tensors.emplace_back(tensor);
  }
  read_total_size(root, index);
  return index;
}

Status check_shard(const Shard& shard, std::span<const Tensor> held) {
  std::vector<std::string_view> names;
  names.reserve(held.size());
  for (const Tensor& tensor : held) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());

  const auto [mapped, present] =
      std::mismatch(shard.tensors.begin(), shard.tensors.end(), names.begin(), names.end());
  const bool is_missing =
      mapped != shard.tensors.end() && (present == names.end() || *mapped < *present);
  if (is_missing) {
    return malformed(cat("tensor ", shown(*mapped), ": the index maps it to ", escaped(shard.file),
                         ", which does not contain it"));
  }
  if (present != names.end()) {
    return malformed(cat("tensor ", shown(*present), ": is in ", escaped(shard.file),
                         ", but the index does not map it there"));
  }
  return {};
}

}  // namespace wmk::checkpoint
