// Opening a checkpoint (specs/checkpoint.md).
#include "checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "checkpoint/adapter/factors.h"
#include "checkpoint/distributed/open_distributed.h"
#include "checkpoint/files/follow_index.h"
#include "checkpoint/files/foreign_format.h"
#include "checkpoint/files/other_formats.h"
#include "checkpoint/mindspore/open_mindspore.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/ranks/open_ranks.h"
#include "checkpoint/transforms/undo.h"

namespace wmk::checkpoint {
namespace fs = std::filesystem;

namespace {

// The format is chosen by content, and by name where the content is not recognised.
Result<Contents> open_contents(const fs::path& path, const fs::path& folder) {
  if (is_adapter(path)) return adapter_without_base(path);
  if (holds_gguf(path, folder)) return open_gguf(path, folder);
  const std::string name = path.filename().string();
  const bool is_folder = path == folder;
  if (is_folder && is_distributed_folder(path)) return open_distributed(path);
  if (is_folder && is_megatron_folder(path)) return open_megatron(path);
  if (is_folder && is_vllm_folder(path)) return open_vllm(path);
  const bool is_torch =
      is_folder ? is_torch_folder(path) : name.ends_with(kTorchIndexSuffix) || is_torch_file(path);
  if (is_torch) return open_torch(path, folder);
  if (is_folder ? is_mindspore_folder(path) : is_mindspore_file(path)) {
    return open_mindspore(path, folder);
  }
  if (is_folder || name.ends_with(kSafetensorsSuffix) || name.ends_with(kSafetensorsIndexSuffix)) {
    return open_safetensors(path, folder);
  }
  if (auto foreign = foreign_by_content(path)) return std::move(*foreign);
  if (auto foreign = foreign_by_name(path)) return std::move(*foreign);
  return Error(ErrorCode::unsupported, cat(escaped(path.string()), ": is not a checkpoint"))
      .with_hint("name a model folder, a weights file (.safetensors, .gguf, .bin) or an index");
}

}  // namespace

void Checkpoint::set_folders(const fs::path& path, const std::optional<WeightSet>& set) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path, ignored);
  path_ = path;
  folder_ = is_folder ? path : path.has_parent_path() ? path.parent_path() : ".";
  config_folder_ = folder_;
  single_file_ = !is_folder && !path.string().ends_with(".index.json");
  if (!set || set->subfolder.empty()) return;
  const fs::path subfolder = folder_ / set->subfolder;
  if (fs::exists(subfolder / "config.json", ignored)) config_folder_ = subfolder;
  for (const char* name : {"tokenizer.json", "tokenizer.model", "vocab.json"}) {
    if (fs::exists(subfolder / name, ignored)) folder_ = subfolder;
  }
}

Result<Checkpoint> Checkpoint::open(const fs::path& path, const OpenOptions& options) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(path, failure);
  if (failure) return errno_error(path, "cannot open", failure.value());
  Checkpoint checkpoint;
  auto set = options.set;
  if (is_folder && !set) {
    auto named = configured_set(path);
    if (!named) return std::move(named).error();
    set = *std::move(named);
  }
  checkpoint.set_folders(path, set);
  checkpoint.numbers_ = options.numbers;
  auto contents = set ? open_set(path, *set) : open_contents(path, checkpoint.folder_);
  if (!contents) return std::move(contents).error();
  if (is_folder) note_other_formats(path, *contents);
  checkpoint.contents_ = *std::move(contents);
  if (auto status = checkpoint.build_directory(); !status) return std::move(status).error();
  if (auto status = checkpoint.dequantise(); !status) return std::move(status).error();
  for (const WeightSet& other : other_weight_sets(checkpoint)) {
    note_other_set(other, checkpoint.contents_);
  }
  return checkpoint;
}

Result<Checkpoint> Checkpoint::open_merged(const fs::path& adapter, const fs::path& base) {
  if (!is_adapter(adapter)) {
    return Error(
        ErrorCode::invalid_argument,
        cat(escaped(adapter.string()), ": is not an adapter; --base is only for adapters"));
  }
  auto checkpoint = open(base);
  if (!checkpoint) return std::move(checkpoint).error().within("base");
  const auto config = read_config(*checkpoint);
  if (!config) return Error(config.error()).within("base");
  auto merged = merge_adapter(std::move(checkpoint->contents_), *config, adapter);
  if (!merged) return std::move(merged).error();
  checkpoint->contents_ = *std::move(merged);
  checkpoint->path_ = adapter;
  checkpoint->single_file_ = false;
  checkpoint->by_name_.clear();
  if (auto status = checkpoint->build_directory(); !status) return std::move(status).error();
  return checkpoint;
}

Result<Checkpoint> Checkpoint::copy_of(const Checkpoint& source, std::vector<ReadFile> files) {
  for (size_t i = 0; i < files.size(); ++i) {
    if (files.size() == source.files().size() && files[i].size() == source.files()[i].size()) {
      continue;
    }
    return Error(ErrorCode::malformed, cat(files[i].name(), ": is not a copy of the original"));
  }
  Checkpoint copy;
  copy.path_ = source.path_;
  copy.folder_ = source.folder_;
  copy.config_folder_ = source.config_folder_;
  copy.single_file_ = source.single_file_;
  copy.contents_.format = source.contents_.format;
  copy.contents_.files = std::move(files);
  copy.contents_.tensors = source.contents_.tensors;
  copy.contents_.stored = source.contents_.stored;
  if (auto status = copy.build_directory(); !status) return std::move(status).error();
  return copy;
}

Status Checkpoint::build_directory() {
  if (contents_.tensors.empty()) {
    return Error(ErrorCode::malformed, cat(escaped(path_.string()), ": has no tensors"));
  }
  by_name_.reserve(contents_.tensors.size());
  for (size_t i = 0; i < contents_.tensors.size(); ++i) {
    const auto [earlier, is_new] = by_name_.emplace(contents_.tensors[i].name, i);
    if (is_new) continue;
    return Error(ErrorCode::malformed,
                 cat("tensor '", escaped(contents_.tensors[i].name), "': is in two files, ",
                     contents_.files[contents_.tensors[earlier->second].file].name(), " and ",
                     contents_.files[contents_.tensors[i].file].name()))
        .with_hint("name one file, or the index of the model");
  }
  return {};
}

Status Checkpoint::dequantise() {
  auto status = checkpoint::dequantise(contents_, config_folder_, numbers_);
  if (status && numbers_.undo_transforms && !numbers_.without_config) {
    undo_transforms(contents_, config_folder_);
  }
  if (status) status = join_factors(contents_, config_folder_);
  if (!status || contents_.stored.empty()) return status;
  by_name_.clear();
  return build_directory();
}

const Tensor* Checkpoint::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &contents_.tensors[found->second];
}

Result<Config> read_config(const Checkpoint& checkpoint) {
  if (checkpoint.own_config()) return *checkpoint.own_config();
  return read_config(checkpoint.config_folder());
}

Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows) {
  if (!checkpoint.own_tokens()) return read_vocabulary(checkpoint.folder(), rows);
  return label_rows(*checkpoint.own_tokens(), rows, checkpoint.format());
}

Result<Vocabulary> read_vocabulary_or_fault(const Checkpoint& checkpoint, uint64_t rows) {
  auto vocabulary = read_vocabulary(checkpoint, rows);
  if (!vocabulary && !checkpoint.own_tokens()) {
    auto leniently = read_vocabulary(checkpoint.folder(), rows, {.lenient = true});
    if (leniently) return leniently;
  }
  if (vocabulary) return vocabulary;
  auto numbered = label_rows({}, rows, "");
  if (numbered) numbered->fault = vocabulary.error().message();
  return numbered;
}

Status check_markable(const Checkpoint& checkpoint) {
  if (checkpoint.format() == Contents().format) return {};
  return Error(ErrorCode::unsupported, cat(escaped(checkpoint.path().string()), ": a ",
                                           checkpoint.format(), " checkpoint can only be read"))
      .with_hint("mark the safetensors checkpoint and convert the result");
}

}  // namespace wmk::checkpoint
