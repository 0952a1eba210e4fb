// Safetensors: one file, shards with an index, or a folder of either (specs/checkpoint.md).
#include <algorithm>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/files/follow_index.h"
#include "checkpoint/files/foreign_format.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/files/shard_set.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/safetensors/safetensors.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

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
  Status add_all(const std::vector<std::string>& names);
  Status open_folder();
  Status open_index(const fs::path& index);

  Contents take() { return std::move(contents_); }

 private:
  fs::path folder_;
  Contents contents_;
};

// Reads the header of one more file. Errors name the file.
Status SafetensorsOpener::add_file(const fs::path& path) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto header = read_safetensors_header(*file);
  if (!header) {
    if (auto foreign = foreign_by_content(path); foreign) return std::move(*foreign);
    // These errors name the file already.
    if (header.error().code() == ErrorCode::io) return std::move(header).error();
    return std::move(header).error().within(file->name());
  }
  if (auto status = check_limits(contents_, header->tensors.size()); !status) return status;
  const auto file_index = static_cast<uint32_t>(contents_.files.size());
  for (Tensor& tensor : header->tensors) {
    tensor.file = file_index;
    contents_.tensors.push_back(std::move(tensor));
  }
  contents_.files.push_back(std::move(*file));
  return {};
}

Status SafetensorsOpener::add_all(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    auto status = check_inside(folder_, folder_ / name);
    if (status) status = add_file(folder_ / name);
    if (!status) return status;
  }
  return {};
}

// In the order of transformers: model.safetensors, its index; then what else is there.
Status SafetensorsOpener::open_folder() {
  auto names = list_files(folder_, kSafetensorsSuffix);
  if (!names) return std::move(names).error();
  const bool usual = std::find(names->begin(), names->end(), kUsualSafetensors) != names->end();
  if (!usual) {
    const auto index = choose_index(folder_, kSafetensorsIndexSuffix, kUsualSafetensorsIndex);
    if (!index) return index.error();
    if (!index->empty()) return open_index(*index);
  }
  if (names->empty()) return nothing_to_read(folder_);
  const ShardSet set = choose_shard_set(*names, kSafetensorsSuffix);
  for (const auto& name : set.others) contents_.notes.push_back(stray_note(name));
  return add_all(set.files);
}

Status SafetensorsOpener::open_index(const fs::path& path) {
  const auto add = [this](const fs::path& file) { return add_file(file); };
  return follow_index(path, folder_, kSafetensorsSuffix, add, contents_);
}

}  // namespace

bool has_safetensors(const fs::path& folder) {
  const auto files = list_files(folder, kSafetensorsSuffix);
  const auto indexes = list_files(folder, kSafetensorsIndexSuffix);
  return !files || !indexes || !files->empty() || !indexes->empty();
}

Result<Contents> open_safetensors_files(const fs::path& folder,
                                        const std::vector<std::string>& names) {
  SafetensorsOpener opener(folder);
  if (auto status = opener.add_all(names); !status) return std::move(status).error();
  return opener.take();
}

Result<Contents> open_safetensors(const fs::path& path, const fs::path& folder) {
  return open_with(SafetensorsOpener(folder), path, folder, kSafetensorsIndexSuffix);
}

}  // namespace wmk::checkpoint
