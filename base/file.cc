// Reading at a position; see base/file.h. WriteFile: write_file.cc. PendingOutput:
// pending_output.cc.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/files/file_range.h"

namespace wmk {

ReadFile ReadFile::of(const std::filesystem::path& path, std::shared_ptr<const ByteSource> source) {
  ReadFile file(path, -1, source->size());
  file.source_ = std::move(source);
  return file;
}

Result<ReadFile> ReadFile::open(const std::filesystem::path& path) {
  if (auto mounted = Mount::at(path)) return of(path, std::move(mounted));
  // Without O_NONBLOCK, opening a pipe that has no writer would block for ever.
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return errno_error(path, "cannot open", errno);
  ReadFile file(path, descriptor, 0);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return errno_error(path, "cannot open", errno);
  if (!S_ISREG(info.st_mode)) {
    return Error(ErrorCode::io,
                 cat(escaped(path.string()), ": ",
                     S_ISDIR(info.st_mode) ? "is a folder" : "is not a regular file"));
  }
  file.size_ = static_cast<uint64_t>(info.st_size);
  return file;
}

ReadFile::ReadFile(ReadFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(std::exchange(other.size_, 0)),
      source_(std::move(other.source_)) {}

ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  std::swap(source_, other.source_);
  return *this;
}

ReadFile::~ReadFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string ReadFile::name() const { return escaped(path_.filename().string()); }

Status ReadFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  if (source_) return read_all_at(*source_, path_, offset, out);
  return read_all_at(descriptor_, path_, offset, out);
}

Status ReadFile::read_runs(const Runs& runs, std::span<std::byte> out) const {
  if (source_) {
    const uint64_t span = runs.count == 0 ? 0 : (runs.count - 1) * runs.stride + runs.bytes;
    Status status = check_range(*source_, path_, runs.offset, span);
    return status ? source_->read_runs(runs, out) : status;
  }
  for (uint64_t i = 0; i < runs.count; ++i) {
    Status status = read_all_at(descriptor_, path_, runs.offset + i * runs.stride,
                                out.subspan(i * runs.bytes, runs.bytes));
    if (!status) return status;
  }
  return {};
}

bool ReadFile::readable_by_others() const {
  struct stat info;
  return ::fstat(descriptor_, &info) == 0 && (info.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

Result<std::string> read_text(const std::filesystem::path& path, uint64_t bytes_max) {
  auto file = ReadFile::open(path);
  if (!file) return std::move(file).error();
  if (file->size() > bytes_max) {
    return Error(ErrorCode::limit_exceeded, cat(escaped(path.string()), ": has ", file->size(),
                                                " bytes, more than the limit of ", bytes_max));
  }
  std::string text(file->size(), '\0');
  auto status = file->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!status) return std::move(status).error();
  return text;
}

}  // namespace wmk
