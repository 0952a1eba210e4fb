// The files of a copy: made anew, or those that a killed run left; see checkpoint/write/copy.h.
#include <set>

#include "base/errno_text.h"
#include "checkpoint/write/copy.h"

namespace wmk::checkpoint {

namespace fs = std::filesystem;

namespace {

// A file that is complete: reads as it is, and takes no bytes.
class FinishedFile : public ByteTarget {
 public:
  explicit FinishedFile(ReadFile file) : file_(std::move(file)) {}
  uint64_t size() const override { return file_.size(); }
  Status read_at(uint64_t offset, std::span<std::byte> out) const override {
    return file_.read_at(offset, out);
  }
  Status write_at(uint64_t, ByteView) const override { return {}; }

 private:
  ReadFile file_;
};

Result<WriteFile> with_size(Result<WriteFile> file, uint64_t bytes) {
  if (!file) return file;
  if (Status status = file->set_size(bytes); !status) return std::move(status).error();
  return file;
}

// Opens what a killed run left at `path`, or makes it anew: a link, hard or symbolic, leads to
// somebody's other file.
Result<WriteFile> reopen_or_make(const fs::path& path, uint64_t bytes) {
  auto left = WriteFile::reopen(path);
  if (left) return with_size(std::move(left), bytes);
  std::error_code failure;
  fs::remove_all(path, failure);
  if (failure) return errno_error(path, "cannot remove", failure.value());
  return with_size(WriteFile::create(path), bytes);
}

}  // namespace

Status CheckpointCopy::start() {
  const auto kind =
      source_->is_single_file() ? PendingOutput::Kind::file : PendingOutput::Kind::folder;
  if (Status status = output_->start(kind); !status) return status;
  for (size_t f = 0; f < source_->files().size(); ++f) {
    auto made = WriteFile::create(path_of(f));
    if (!made) return std::move(made).error();
    Status status = made->set_size(source_->files()[f].size());
    if (!status) return status;
    files_.push_back(std::move(*made));
  }
  return {};
}

Status CheckpointCopy::go_on(const std::vector<bool>& finished) {
  if (!source_->is_single_file()) {
    if (Status status = remove_strangers(); !status) return status;
  }
  return open_files(finished);
}

Status CheckpointCopy::share(const std::vector<bool>& own) {
  std::vector<bool> finished = own;
  finished.flip();
  files_.clear();
  return open_files(finished);
}

Status CheckpointCopy::open_files(const std::vector<bool>& finished) {
  for (size_t f = 0; f < source_->files().size(); ++f) {
    const fs::path path = path_of(f);
    if (finished[f]) {
      auto file = ReadFile::open(path);
      if (!file) return std::move(file).error();
      files_.push_back(WriteFile::of(path, std::make_shared<FinishedFile>(std::move(*file))));
      continue;
    }
    auto file = reopen_or_make(path, source_->files()[f].size());
    if (!file) return std::move(file).error();
    files_.push_back(std::move(*file));
  }
  finished_ = finished;
  return {};
}

// Companions are copied again, and nothing that somebody put there is published.
Status CheckpointCopy::remove_strangers() const {
  std::set<fs::path> known;
  for (size_t f = 0; f < source_->files().size(); ++f) known.insert(path_of(f));
  std::error_code failure;
  std::vector<fs::path> strangers;
  for (fs::directory_iterator at(output_->path(), failure), end; !failure && at != end;
       at.increment(failure)) {
    if (!known.contains(at->path())) strangers.push_back(at->path());
  }
  if (failure) return errno_error(output_->path(), "cannot list", failure.value());
  for (const fs::path& path : strangers) {
    fs::remove_all(path, failure);
    if (failure) return errno_error(path, "cannot remove", failure.value());
  }
  return {};
}

fs::path CheckpointCopy::path_of(size_t file) const {
  const fs::path& path = output_->path();
  return source_->is_single_file() ? path : path / source_->files()[file].path().filename();
}

}  // namespace wmk::checkpoint
