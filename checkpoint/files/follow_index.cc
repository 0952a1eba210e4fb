#include "checkpoint/files/follow_index.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {

namespace fs = std::filesystem;

std::string stray_note(std::string_view name) {
  return cat("weights file '", escaped(name), "' is not part of the model");
}

Result<fs::path> choose_index(const fs::path& folder, std::string_view suffix,
                              std::string_view usual) {
  const auto indexes = list_files(folder, suffix);
  if (!indexes) return indexes.error();
  if (indexes->empty()) return fs::path();
  const bool has_usual = std::find(indexes->begin(), indexes->end(), usual) != indexes->end();
  if (indexes->size() > 1 && !has_usual) {
    return Error(ErrorCode::invalid_argument,
                 cat(escaped(folder.string()), ": has ", indexes->size(), " indexes: '",
                     escaped(indexes->at(0)), "', '", escaped(indexes->at(1)), "'"))
        .with_hint("name the index instead of the folder");
  }
  const fs::path index = folder / (has_usual ? std::string(usual) : indexes->front());
  if (auto status = check_inside(folder, index); !status) return std::move(status).error();
  return index;
}

Status follow_index(const fs::path& path, const fs::path& folder, std::string_view suffix,
                    const AddFile& add, Contents& contents) {
  const std::string index_name = escaped(path.filename().string());
  auto text = read_text(path, kIndexBytesMax);
  if (!text) return std::move(text).error();
  auto index = parse_shard_index(std::move(*text), suffix);
  if (!index) return std::move(index).error().within(index_name);

  std::set<std::string_view> shard_names;
  for (const Shard& shard : index->shards) {
    shard_names.insert(shard.file);
    const fs::path file = folder / shard.file;
    const size_t known = contents.tensors.size();
    auto status = check_inside(folder, file);
    if (status) status = add(file);
    if (status)
      status = check_shard(shard, std::span<const Tensor>(contents.tensors).subspan(known));
    if (!status) return std::move(status).error().within(index_name);
  }

  uint64_t total_bytes = 0;
  for (const Tensor& tensor : contents.tensors) total_bytes += tensor.stored_bytes();
  if (index->has_total_size && index->total_size != total_bytes) {
    const std::string listed = index->total_size ? cat(*index->total_size) : "not a whole number";
    contents.notes.push_back(
        cat(index_name, ": total_size is ", listed, ", the tensors have ", total_bytes, " bytes"));
  }
  const auto names = list_files(folder, suffix);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (!shard_names.contains(name)) contents.notes.push_back(stray_note(name));
  }
  return {};
}

}  // namespace wmk::checkpoint
