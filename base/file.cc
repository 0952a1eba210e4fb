// Reads and writes at a position; see base/file.h. PendingOutput: pending_output.cc.
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"

namespace wmk {
namespace {

constexpr uint64_t kCallBytesMax = 1ull << 30;  // one system call moves at most about 2 GiB
// Longer writes fill the cache by huge pages, which a virtual machine's host took back (slow).
constexpr uint64_t kWriteBytes = 64 << 10;
constexpr size_t kCopyBufferBytes = 1u << 20;

void close_quietly(int descriptor) {
  if (descriptor >= 0) ::close(descriptor);
}

bool beyond_off_t(uint64_t offset, uint64_t count) {
  const auto end = checked_sum(offset, count);
  return !end || *end > static_cast<uint64_t>(INT64_MAX);
}

Error out_of_range(const std::filesystem::path& path) {
  return Error(ErrorCode::io, cat(escaped(path.filename().string()), ": offset out of range"));
}

Status read_all_at(int descriptor, const std::filesystem::path& path, uint64_t offset,
                   std::span<std::byte> out) {
  if (beyond_off_t(offset, out.size())) return out_of_range(path);
  while (!out.empty()) {
    const size_t wanted = std::min<uint64_t>(out.size(), kCallBytesMax);
    const ssize_t got = ::pread(descriptor, out.data(), wanted, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno_error(path.filename(), "cannot read", errno);
    if (got == 0) {
      return Error(ErrorCode::io, cat(escaped(path.filename().string()), ": ends at byte ", offset,
                                      ", ", out.size(), " bytes short"))
          .with_hint("the file may be incomplete, or another program is changing it");
    }
    offset += static_cast<uint64_t>(got);
    out = out.subspan(static_cast<size_t>(got));
  }
  return {};
}

}  // namespace

Result<ReadFile> ReadFile::open(const std::filesystem::path& path) {
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
      size_(std::exchange(other.size_, 0)) {}

ReadFile& ReadFile::operator=(ReadFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(size_, other.size_);
  return *this;
}

ReadFile::~ReadFile() { close_quietly(descriptor_); }

std::string ReadFile::name() const { return escaped(path_.filename().string()); }

Status ReadFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  return read_all_at(descriptor_, path_, offset, out);
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

Result<WriteFile> WriteFile::create(const std::filesystem::path& path, unsigned mode) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return errno_error(path, "cannot create", errno);
  return WriteFile(path, descriptor);
}

WriteFile::WriteFile(WriteFile&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

WriteFile& WriteFile::operator=(WriteFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

WriteFile::~WriteFile() { close_quietly(descriptor_); }

Status WriteFile::write_at(uint64_t offset, ByteView bytes) const {
  if (beyond_off_t(offset, bytes.size())) return out_of_range(path_);
  while (!bytes.empty()) {
    const size_t wanted = std::min<uint64_t>(bytes.size(), kWriteBytes);
    const ssize_t put = ::pwrite(descriptor_, bytes.data(), wanted, static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno_error(path_, "cannot write", errno);
    offset += static_cast<uint64_t>(put);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return {};
}

Status WriteFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  return read_all_at(descriptor_, path_, offset, out);
}

Status WriteFile::set_size(uint64_t bytes) const {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) == 0) return {};
  return errno_error(path_, "cannot write", errno);
}

namespace {

// Copies as much as the kernel accepts and returns the number of bytes. File systems differ; the
// caller copies the rest through a buffer, which also reports real errors.
uint64_t copy_in_kernel(int source, uint64_t from, int target, uint64_t to, uint64_t count) {
  uint64_t done = 0;
  while (done < count) {
    auto read_offset = static_cast<loff_t>(from + done);
    auto write_offset = static_cast<loff_t>(to + done);
    const ssize_t moved = ::copy_file_range(source, &read_offset, target, &write_offset,
                                            std::min(count - done, kCallBytesMax), 0);
    if (moved < 0 && errno == EINTR) continue;
    if (moved <= 0) break;
    done += static_cast<uint64_t>(moved);
  }
  return done;
}

}  // namespace

Status WriteFile::copy_from(const ReadFile& source, uint64_t from, uint64_t to,
                            uint64_t count) const {
  if (beyond_off_t(from, count)) return out_of_range(source.path());
  if (beyond_off_t(to, count)) return out_of_range(path_);
  uint64_t done = copy_in_kernel(source.descriptor(), from, descriptor_, to, count);
  Bytes buffer(std::min<uint64_t>(count - done, kCopyBufferBytes));
  while (done < count) {
    const auto part = std::span(buffer).first(std::min<uint64_t>(count - done, buffer.size()));
    auto status = source.read_at(from + done, part);
    if (status) status = write_at(to + done, part);
    if (!status) return status;
    done += part.size();
  }
  return {};
}

void WriteFile::begin_sync(uint64_t offset, uint64_t count) const {
  if (beyond_off_t(offset, count)) return;
  (void)::sync_file_range(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(count),
                          SYNC_FILE_RANGE_WRITE);
}

Status WriteFile::finish() {
  const int descriptor = std::exchange(descriptor_, -1);
  const int sync_failure = ::fsync(descriptor) != 0 ? errno : 0;
  const int close_failure = ::close(descriptor) != 0 ? errno : 0;
  const int failure = sync_failure != 0 ? sync_failure : close_failure;
  if (failure != 0) return errno_error(path_, "cannot write", failure);
  return {};
}

}  // namespace wmk
