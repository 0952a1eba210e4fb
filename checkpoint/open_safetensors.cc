// Safetensors: one file, shards with an index, or a folder of either (specs/checkpoint.md).
#include <algorithm>
#include <set>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/foreign_format.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/shard_index.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

std::string file_name(const fs::path& path) { return path.filename().string(); }

Error nothing_to_read(const fs::path& folder) {
  const auto names = list_files(folder, "");
  for (const auto& name : names ? *names : std::vector<std::string>()) {
    auto foreign = foreign_by_name(folder / name);
    if (foreign) return std::move(*foreign).within(escaped(folder.string()));
  }
  return Error(ErrorCode::invalid_argument,
               cat(escaped(folder.string()), ": there is no *.safetensors file in this folder"));
}

class SafetensorsOpener {
 public:
  explicit SafetensorsOpener(fs::path folder) : folder_(std::move(folder)) {}

  Status add_file(const fs::path& file);
  Status open_folder();
  Status open_index(const fs::path& index);

  Contents take() { return std::move(contents_); }

 private:
  fs::path folder_;
  Contents contents_;
};

// Reads the header of one more file. Its errors name the file.
Status SafetensorsOpener::add_file(const fs::path& path) {
  if (contents_.files.size() == kShardsMax) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kShardsMax, " weights files"));
  }
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto header = read_safetensors_header(*file);
  if (!header) {
    if (auto foreign = foreign_by_content(path); foreign) return std::move(*foreign);
    // What the file system says carries the name already.
    if (header.error().code() == ErrorCode::io) return std::move(header).error();
    return std::move(header).error().within(file->name());
  }
  if (header->tensors.size() > kTensorsMax - contents_.tensors.size()) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  const auto file_index = static_cast<uint32_t>(contents_.files.size());
  for (Tensor& tensor : header->tensors) {
    tensor.file = file_index;
    contents_.tensors.push_back(std::move(tensor));
  }
  contents_.files.push_back(std::move(*file));
  return {};
}

Status SafetensorsOpener::open_folder() {
  const auto indexes = list_files(folder_, kSafetensorsIndexSuffix);
  if (!indexes) return indexes.error();
  if (!indexes->empty()) {
    const std::string usual = cat("model", kSafetensorsIndexSuffix);
    const bool has_usual = std::find(indexes->begin(), indexes->end(), usual) != indexes->end();
    if (indexes->size() > 1 && !has_usual) {
      return Error(ErrorCode::invalid_argument,
                   cat(escaped(folder_.string()), ": has ", indexes->size(), " indexes: '",
                       escaped(indexes->at(0)), "', '", escaped(indexes->at(1)), "'"))
          .with_hint("name the index instead of the folder");
    }
    const fs::path index = folder_ / (has_usual ? usual : indexes->front());
    if (auto status = check_inside(folder_, index); !status) return status;
    return open_index(index);
  }

  auto names = list_files(folder_, kSafetensorsSuffix);
  if (!names) return std::move(names).error();
  if (names->empty()) return nothing_to_read(folder_);
  // Where there is a model.safetensors, loaders read that one and no other.
  const std::string usual = cat("model", kSafetensorsSuffix);
  const bool has_usual = std::find(names->begin(), names->end(), usual) != names->end();
  for (const auto& name : *names) {
    if (has_usual && name != usual) {
      contents_.notes.push_back(cat("weights file '", escaped(name), "' is not part of the model"));
      continue;
    }
    auto status = check_inside(folder_, folder_ / name);
    if (status) status = add_file(folder_ / name);
    if (!status) return status;
  }
  return {};
}

Status SafetensorsOpener::open_index(const fs::path& path) {
  const std::string index_name = escaped(file_name(path));
  auto text = read_text(path, kIndexBytesMax);
  if (!text) return std::move(text).error();
  auto index = parse_shard_index(std::move(*text));
  if (!index) return std::move(index).error().within(index_name);

  std::set<std::string_view> shard_names;
  for (const Shard& shard : index->shards) {
    shard_names.insert(shard.file);
    const fs::path file = folder_ / shard.file;
    const size_t known = contents_.tensors.size();
    auto status = check_inside(folder_, file);
    if (status) status = add_file(file);
    if (status)
      status = check_shard(shard, std::span<const Tensor>(contents_.tensors).subspan(known));
    if (!status) return std::move(status).error().within(index_name);
  }

  uint64_t total_bytes = 0;
  for (const Tensor& tensor : contents_.tensors) total_bytes += tensor.bytes;
  if (index->has_total_size && index->total_size != total_bytes) {
    const std::string said = index->total_size ? cat(*index->total_size) : "no whole number";
    contents_.notes.push_back(
        cat(index_name, ": total_size is ", said, ", the tensors have ", total_bytes, " bytes"));
  }
  const auto names = list_files(folder_, kSafetensorsSuffix);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (shard_names.contains(name)) continue;
    contents_.notes.push_back(cat("weights file '", escaped(name), "' is not part of the model"));
  }
  return {};
}

}  // namespace

Result<Contents> open_safetensors(const fs::path& path, const fs::path& folder) {
  SafetensorsOpener opener(folder);
  Status status;
  if (path == folder) {
    status = opener.open_folder();
  } else if (file_name(path).ends_with(kSafetensorsIndexSuffix)) {
    status = opener.open_index(path);
  } else {
    status = opener.add_file(path);
  }
  if (!status) return std::move(status).error();
  return opener.take();
}

}  // namespace wmk::checkpoint
