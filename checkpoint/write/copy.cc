#include "checkpoint/write/copy.h"

#include <algorithm>

#include "base/errno_text.h"
#include "base/text.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {

namespace fs = std::filesystem;

namespace {

constexpr uint64_t kCopyBytes = 16ull << 20;

}  // namespace

Status copy_companion(const fs::path& from, const fs::path& to) {
  auto source = ReadFile::open(from);
  if (!source) return std::move(source).error();
  auto target = WriteFile::create(to);
  if (!target) return std::move(target).error();
  Status status = target->copy_from(*source, 0, 0, source->size());
  return status ? target->finish() : std::move(status);
}

Result<CheckpointCopy> CheckpointCopy::begin(const Checkpoint& source, const fs::path& final_path,
                                             bool replace) {
  auto copy = reserve(source, final_path, replace);
  if (!copy) return copy;
  if (Status status = copy->start(); !status) return std::move(status).error();
  return copy;
}

Result<CheckpointCopy> CheckpointCopy::reserve(const Checkpoint& source, const fs::path& final_path,
                                               bool replace) {
  if (auto status = check_markable(source); !status) return std::move(status).error();
  std::error_code failure;
  const fs::path target = fs::weakly_canonical(final_path, failure);
  const fs::path folder = fs::weakly_canonical(source.folder(), failure);
  const std::string name = escaped(final_path.string());
  if (source.is_single_file() ? target == fs::weakly_canonical(source.path(), failure)
                              : is_inside(target, folder)) {
    return Error(ErrorCode::invalid_argument, cat(name, ": the output lies inside the input"))
        .with_hint("name a folder outside the model");
  }
  if (is_inside(folder, target)) {
    return Error(ErrorCode::invalid_argument, cat(name, ": the output would replace the input"));
  }
  auto output = PendingOutput::reserve(final_path, replace);
  if (!output) return std::move(output).error();
  return CheckpointCopy(source, std::move(*output));
}

Result<CheckpointCopy> CheckpointCopy::join(const Checkpoint& source, const fs::path& final_path) {
  auto output = PendingOutput::join(final_path);
  if (!output) return std::move(output).error();
  return CheckpointCopy(source, std::move(*output));
}

Result<CheckpointCopy> CheckpointCopy::over(const Checkpoint& source) {
  if (auto status = check_markable(source); !status) return std::move(status).error();
  CheckpointCopy copy(source, std::nullopt);
  for (const ReadFile& file : source.files()) {
    auto memory = std::dynamic_pointer_cast<const ByteTarget>(file.source());
    if (!memory) {
      return Error(ErrorCode::invalid_argument,
                   cat(file.name(), ": only tensors in memory can be marked in place"));
    }
    copy.files_.push_back(WriteFile::of(file.path(), std::move(memory)));
  }
  return copy;
}

std::vector<CheckpointCopy::Piece> CheckpointCopy::pieces(
    const std::vector<bool>& rewritten) const {
  if (!output_) return {};
  std::vector<Piece> pieces;
  const auto add = [&](size_t file, uint64_t begin, uint64_t end) {
    for (uint64_t at = begin; at < end; at += kCopyBytes) {
      pieces.push_back({file, at, std::min(end, at + kCopyBytes)});
    }
  };
  std::vector<uint64_t> copied(source_->files().size(), 0);
  for (size_t i = 0; i < source_->tensors().size(); ++i) {
    if (!rewritten[i]) continue;
    const Tensor& tensor = source_->tensors()[i];
    add(tensor.file, copied[tensor.file], tensor.offset);
    copied[tensor.file] = tensor.offset + tensor.bytes;
  }
  for (size_t f = 0; f < copied.size(); ++f) add(f, copied[f], source_->files()[f].size());
  return pieces;
}

Status CheckpointCopy::copy_piece(const Piece& piece) const {
  const WriteFile& file = files_[piece.file];
  const ReadFile& source = source_->files()[piece.file];
  Status status = file.copy_from(source, piece.begin, piece.begin, piece.bytes());
  file.begin_sync(piece.begin, piece.bytes());
  return status;
}

Status CheckpointCopy::copy_companions(const Companions& companions) {
  std::error_code failure;
  const fs::path root = fs::canonical(source_->folder(), failure);
  for (const fs::path& folder : companions.folders) {
    if (fs::create_directory(output_->path() / folder, failure)) continue;
    return errno_error(folder, "cannot create the folder", failure.value());
  }
  for (const Companions::Copied& file : companions.copied) {
    Status status = copy_companion(root / file.path, output_->path() / file.path);
    if (!status) return std::move(status).error().within(escaped(file.path.string()));
  }
  return {};
}

uint64_t CheckpointCopy::bytes() const {
  uint64_t sum = 0;
  for (const ReadFile& file : source_->files()) sum += file.size();
  return sum;
}

Result<Checkpoint> CheckpointCopy::open_written() const {
  std::vector<ReadFile> files;
  for (const ReadFile& file : source_->files()) {
    if (!output_) {
      files.push_back(ReadFile::of(file.path(), file.source()));
      continue;
    }
    auto opened = ReadFile::open(path_of(files.size()));
    if (!opened) return std::move(opened).error();
    files.push_back(std::move(*opened));
  }
  return Checkpoint::copy_of(*source_, std::move(files));
}

Status CheckpointCopy::finish_files() {
  for (WriteFile& file : files_) {
    Status status = file.finish();
    if (!status) return status;
  }
  return {};
}

Status CheckpointCopy::publish() {
  Status status = finish_files();
  return status && output_ ? output_->publish() : status;
}

}  // namespace wmk::checkpoint
