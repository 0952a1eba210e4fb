// PyTorch: one file, shards with an index, or a folder of either (specs/torch.md).
#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "checkpoint/contents.h"
#include "checkpoint/files/follow_index.h"
#include "checkpoint/files/foreign_format.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/torch/file.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kSuffixes = {".bin", ".pt", ".pth"};
constexpr std::string_view kUsualStem = "pytorch_model";
constexpr std::string_view kHqqName = "qmodel.pt";

class TorchOpener {
 public:
  explicit TorchOpener(fs::path folder) : folder_(std::move(folder)) {
    contents_.format = "PyTorch";
  }

  Status add_file(const fs::path& file);
  Status open_folder();
  Status open_index(const fs::path& index);
  Status add_all(const std::vector<std::string>& names);

  Contents take() { return std::move(contents_); }

 private:
  fs::path folder_;
  Contents contents_;
};

Status TorchOpener::add_file(const fs::path& path) {
  if (!is_torch_file(path)) {
    if (auto foreign = foreign_by_content(path)) return std::move(*foreign);
    if (auto foreign = foreign_by_name(path)) return std::move(*foreign);
  }
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  auto read = read_torch_file(*file, static_cast<uint32_t>(contents_.files.size()));
  if (!read) {
    if (read.error().code() == ErrorCode::io) return std::move(read).error();
    return std::move(read).error().within(file->name());
  }
  if (auto status = check_limits(contents_, read->tensors.size()); !status) return status;
  std::move(read->tensors.begin(), read->tensors.end(), std::back_inserter(contents_.tensors));
  for (auto& [name, value] : read->attributes) {
    contents_.attributes.insert_or_assign(std::move(name), std::move(value));
  }
  for (const std::string& note : read->notes) {
    contents_.notes.push_back(cat(file->name(), ": ", note));
  }
  contents_.files.push_back(std::move(*file));
  return {};
}

Status TorchOpener::add_all(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    auto status = check_inside(folder_, folder_ / name);
    if (status) status = add_file(folder_ / name);
    if (!status) return status;
  }
  return {};
}

// Weights files by their endings, sorted.
Result<std::vector<std::string>> weights_files(const fs::path& folder) {
  std::vector<std::string> all;
  for (const std::string_view suffix : kSuffixes) {
    auto names = list_files(folder, suffix);
    if (!names) return std::move(names).error();
    all.insert(all.end(), names->begin(), names->end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> with_stem(const std::vector<std::string>& names, std::string_view stem) {
  std::vector<std::string> out;
  for (const std::string& name : names) {
    if (name.starts_with(stem)) out.push_back(name);
  }
  return out;
}

// In the order of transformers: pytorch_model.bin, its index; then another index, files named like
// shards, Meta's consolidated.00.pth, HQQ's qmodel.pt, the only file in the folder.
Status TorchOpener::open_folder() {
  const std::string usual(kUsualTorch);
  const auto all = weights_files(folder_);
  if (!all) return all.error();
  if (std::find(all->begin(), all->end(), usual) == all->end()) {
    const auto index = choose_index(folder_, kTorchIndexSuffix, kUsualTorchIndex);
    if (!index) return index.error();
    if (!index->empty()) return open_index(*index);
  }
  if (std::find(all->begin(), all->end(), usual) != all->end()) {
    for (const std::string& name : with_stem(*all, kUsualStem)) {
      if (name != usual) contents_.notes.push_back(stray_note(name));
    }
    return add_all({usual});
  }
  if (const auto shards = with_stem(*all, kUsualStem); !shards.empty()) return add_all(shards);
  const auto consolidated = with_stem(*all, "consolidated.");
  if (consolidated.size() == 1) return add_all(consolidated);
  if (!consolidated.empty()) {
    return Error(ErrorCode::unsupported,
                 cat(escaped(folder_.string()), ": its ", consolidated.size(),
                     " consolidated files are slices of one model, which cannot be joined"))
        .with_hint("convert the model to the Hugging Face layout first");
  }
  if (std::find(all->begin(), all->end(), kHqqName) != all->end()) {
    for (const std::string& name : *all) {
      if (name != kHqqName) contents_.notes.push_back(stray_note(name));
    }
    return add_all({std::string(kHqqName)});
  }
  if (all->size() == 1) return add_all(*all);
  return Error(ErrorCode::invalid_argument,
               cat(escaped(folder_.string()), ": has ", all->size(), " PyTorch files: '",
                   escaped(all->at(0)), "', '", escaped(all->at(1)), "'"))
      .with_hint("name one of them");
}

Status TorchOpener::open_index(const fs::path& path) {
  const auto add = [this](const fs::path& file) { return add_file(file); };
  return follow_index(path, folder_, ".bin", add, contents_);
}

}  // namespace

bool is_torch_file(const fs::path& path) {
  const auto file = ReadFile::open(path);
  std::array<std::byte, 4> sign;
  if (!file || file->size() < sign.size() || !file->read_at(0, sign)) return false;
  return as_text(sign) == std::string_view("PK\x03\x04");
}

bool is_torch_folder(const fs::path& folder) {
  if (has_safetensors(folder)) return false;
  const auto index = list_files(folder, kTorchIndexSuffix);
  const auto all = weights_files(folder);
  return (index && !index->empty()) || (all && !all->empty());
}

Result<Contents> open_torch_files(const fs::path& folder, const std::vector<std::string>& names) {
  TorchOpener opener(folder);
  if (auto status = opener.add_all(names); !status) return std::move(status).error();
  return opener.take();
}

Result<Contents> open_torch(const fs::path& path, const fs::path& folder) {
  return open_with(TorchOpener(folder), path, folder, kTorchIndexSuffix);
}

}  // namespace wmk::checkpoint
