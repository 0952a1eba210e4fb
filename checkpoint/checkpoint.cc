// Opening a checkpoint; see checkpoint/checkpoint.h and, for the rules, specs/checkpoint.md.
#include "checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "base/errno_text.h"
#include "base/text.h"
#include "checkpoint/foreign_format.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/safetensors.h"
#include "checkpoint/shard_index.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr size_t kTensorsMax = 4'000'000;
constexpr std::string_view kWeightsSuffix = ".safetensors";
constexpr std::string_view kIndexSuffix = ".safetensors.index.json";

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

}  // namespace

Result<Checkpoint> Checkpoint::open(const fs::path& path) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(path, failure);
  if (failure) return errno_error(path, "cannot open", failure.value());
  Checkpoint checkpoint;
  checkpoint.path_ = path;
  checkpoint.folder_ = is_folder ? path : path.has_parent_path() ? path.parent_path() : ".";
  Status status;
  if (is_folder) {
    status = checkpoint.open_folder();
  } else if (file_name(path).ends_with(kIndexSuffix)) {
    status = checkpoint.open_index(path);
  } else if (file_name(path).ends_with(kWeightsSuffix)) {
    checkpoint.single_file_ = true;
    status = checkpoint.add_file(path);
  } else if (auto foreign = foreign_by_content(path); foreign) {
    return std::move(*foreign);
  } else if (foreign = foreign_by_name(path); foreign) {
    return std::move(*foreign);
  } else {
    return Error(ErrorCode::unsupported, cat(escaped(path.string()), ": is no checkpoint"))
        .with_hint("name a model folder, a .safetensors file or a *.safetensors.index.json");
  }
  if (status) status = checkpoint.build_directory();
  if (!status) return std::move(status).error();
  return checkpoint;
}

// Reads the header of one more file. Its errors name the file.
Status Checkpoint::add_file(const fs::path& path) {
  if (files_.size() == kShardsMax) {
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
  if (header->tensors.size() > kTensorsMax - tensors_.size()) {
    return Error(ErrorCode::limit_exceeded, cat("more than ", kTensorsMax, " tensors"));
  }
  const auto file_index = static_cast<uint32_t>(files_.size());
  for (Tensor& tensor : header->tensors) {
    tensor.file = file_index;
    tensors_.push_back(std::move(tensor));
  }
  files_.push_back(std::move(*file));
  return {};
}

Status Checkpoint::open_folder() {
  const auto indexes = list_files(folder_, kIndexSuffix);
  if (!indexes) return indexes.error();
  if (!indexes->empty()) {
    const std::string usual = cat("model", kIndexSuffix);
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

  auto names = list_files(folder_, kWeightsSuffix);
  if (!names) return std::move(names).error();
  if (names->empty()) return nothing_to_read(folder_);
  // Where there is a model.safetensors, loaders read that one and no other.
  const std::string usual = cat("model", kWeightsSuffix);
  const bool has_usual = std::find(names->begin(), names->end(), usual) != names->end();
  for (const auto& name : *names) {
    if (has_usual && name != usual) {
      notes_.push_back(cat("weights file '", escaped(name), "' is not part of the model"));
      continue;
    }
    auto status = check_inside(folder_, folder_ / name);
    if (status) status = add_file(folder_ / name);
    if (!status) return status;
  }
  return {};
}

Status Checkpoint::open_index(const fs::path& path) {
  const std::string index_name = escaped(file_name(path));
  auto text = read_text(path, kIndexBytesMax);
  if (!text) return std::move(text).error();
  auto index = parse_shard_index(std::move(*text));
  if (!index) return std::move(index).error().within(index_name);

  std::set<std::string_view> shard_names;
  for (const Shard& shard : index->shards) {
    shard_names.insert(shard.file);
    const fs::path file = folder_ / shard.file;
    const size_t known = tensors_.size();
    auto status = check_inside(folder_, file);
    if (status) status = add_file(file);
    if (status) status = check_shard(shard, std::span<const Tensor>(tensors_).subspan(known));
    if (!status) return std::move(status).error().within(index_name);
  }

  uint64_t total_bytes = 0;
  for (const Tensor& tensor : tensors_) total_bytes += tensor.bytes;
  if (index->has_total_size && index->total_size != total_bytes) {
    const std::string said = index->total_size ? cat(*index->total_size) : "no whole number";
    notes_.push_back(
        cat(index_name, ": total_size is ", said, ", the tensors have ", total_bytes, " bytes"));
  }
  const auto names = list_files(folder_, kWeightsSuffix);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (shard_names.contains(name)) continue;
    notes_.push_back(cat("weights file '", escaped(name), "' is not part of the model"));
  }
  return {};
}

Status Checkpoint::build_directory() {
  if (tensors_.empty()) {
    return Error(ErrorCode::malformed, cat(escaped(path_.string()), ": holds no tensor"));
  }
  by_name_.reserve(tensors_.size());
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const auto [earlier, is_new] = by_name_.emplace(tensors_[i].name, i);
    if (is_new) continue;
    return Error(ErrorCode::malformed,
                 cat("tensor '", escaped(tensors_[i].name), "': is in two files, ",
                     files_[tensors_[earlier->second].file].name(), " and ",
                     files_[tensors_[i].file].name()))
        .with_hint("name one file, or the index of the model");
  }
  return {};
}

const Tensor* Checkpoint::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &tensors_[found->second];
}

Status Checkpoint::read(const Tensor& tensor, uint64_t offset, std::span<std::byte> out) const {
  const auto end = checked_sum(offset, out.size());
  if (!end || *end > tensor.bytes) {
    return Error(ErrorCode::invalid_argument,
                 cat("tensor '", escaped(tensor.name), "': read behind its end"));
  }
  auto status = files_[tensor.file].read_at(tensor.offset + offset, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

}  // namespace wmk::checkpoint
