// Opening a checkpoint (specs/checkpoint.md).
#include "checkpoint/checkpoint.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/text.h"
#include "checkpoint/adapter/adapter.h"
#include "checkpoint/adapter/factors.h"
#include "checkpoint/files/follow_index.h"
#include "checkpoint/files/foreign_format.h"
#include "checkpoint/files/other_formats.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/quantised/dequantise.h"

namespace wmk::checkpoint {
namespace fs = std::filesystem;

namespace {

// The format is chosen by content, and by name where the content is not recognised.
Result<Contents> open_contents(const fs::path& path, const fs::path& folder) {
  if (is_adapter(path)) return adapter_without_base(path);
  if (holds_gguf(path, folder)) return open_gguf(path, folder);
  const std::string name = path.filename().string();
  const bool is_folder = path == folder;
  const bool is_torch =
      is_folder ? is_torch_folder(path) : name.ends_with(kTorchIndexSuffix) || is_torch_file(path);
  if (is_torch) return open_torch(path, folder);
  if (is_folder || name.ends_with(kSafetensorsSuffix) || name.ends_with(kSafetensorsIndexSuffix)) {
    return open_safetensors(path, folder);
  }
  if (auto foreign = foreign_by_content(path)) return std::move(*foreign);
  if (auto foreign = foreign_by_name(path)) return std::move(*foreign);
  return Error(ErrorCode::unsupported, cat(escaped(path.string()), ": is not a checkpoint"))
      .with_hint("name a model folder, a weights file (.safetensors, .gguf, .bin) or an index");
}

}  // namespace

Result<Checkpoint> Checkpoint::open(const fs::path& path) {
  std::error_code failure;
  const bool is_folder = fs::is_directory(path, failure);
  if (failure) return errno_error(path, "cannot open", failure.value());
  Checkpoint checkpoint;
  checkpoint.path_ = path;
  checkpoint.folder_ = is_folder ? path : path.has_parent_path() ? path.parent_path() : ".";
  checkpoint.single_file_ = !is_folder && !path.string().ends_with(".index.json");
  auto contents = open_contents(path, checkpoint.folder_);
  if (!contents) return std::move(contents).error();
  if (is_folder) note_other_formats(path, *contents);
  checkpoint.contents_ = *std::move(contents);
  if (auto status = checkpoint.build_directory(); !status) return std::move(status).error();
  if (auto status = checkpoint.dequantise(); !status) return std::move(status).error();
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
  auto status = checkpoint::dequantise(contents_, folder_);
  if (status) status = join_factors(contents_, folder_);
  if (!status || contents_.stored.empty()) return status;
  by_name_.clear();
  return build_directory();
}

const Tensor* Checkpoint::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &contents_.tensors[found->second];
}

Status Checkpoint::read(const Tensor& tensor, uint64_t offset, std::span<std::byte> out) const {
  const auto end = checked_sum(offset, out.size());
  if (!end || *end > tensor.bytes) {
    return Error(ErrorCode::invalid_argument,
                 cat("tensor '", escaped(tensor.name), "': read past its end"));
  }
  if (tensor.encoding) {
    const std::span floats(reinterpret_cast<float*>(out.data()), out.size() / sizeof(float));
    return decode_run(tensor, offset / sizeof(float), floats);
  }
  auto status = contents_.files[tensor.file].read_at(tensor.offset + offset, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

Status Checkpoint::decode(const Tensor& tensor, const Rectangle& part, std::span<float> out) const {
  auto status = tensor.encoding->decode(contents_.files, part, out);
  if (!status) return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
  return {};
}

// Elements [first, first + out.size()): the rest of a row, then whole rows, then part of a row.
Status Checkpoint::decode_run(const Tensor& tensor, uint64_t first, std::span<float> out) const {
  const uint64_t columns = tensor.shape.empty() ? 1 : tensor.shape.back();
  while (!out.empty()) {
    Rectangle part{first / columns, 1, first % columns, columns};
    if (part.first_column == 0 && out.size() >= columns) {
      part.rows = out.size() / columns;
    } else {
      part.columns = std::min<uint64_t>(columns - part.first_column, out.size());
    }
    const uint64_t count = part.rows * part.columns;
    if (auto status = decode(tensor, part, out.first(count)); !status) return status;
    first += count;
    out = out.subspan(count);
  }
  return {};
}

Result<Config> read_config(const Checkpoint& checkpoint) {
  if (checkpoint.own_config()) return *checkpoint.own_config();
  return read_config(checkpoint.folder());
}

Result<Vocabulary> read_vocabulary(const Checkpoint& checkpoint, uint64_t rows) {
  if (!checkpoint.own_tokens()) return read_vocabulary(checkpoint.folder(), rows);
  return label_rows(*checkpoint.own_tokens(), rows, checkpoint.format());
}

Result<Vocabulary> read_vocabulary_or_fault(const Checkpoint& checkpoint, uint64_t rows) {
  auto vocabulary = read_vocabulary(checkpoint, rows);
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
