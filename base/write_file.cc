// Writing at a position; see base/file.h.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/errno_text.h"
#include "base/file.h"
#include "base/files/file_range.h"
#include "base/text.h"

namespace wmk {

namespace {

// Longer writes fill the cache by huge pages, which a virtual machine's host took back (slow).
constexpr uint64_t kWriteBytes = 64 << 10;
constexpr size_t kCopyBufferBytes = 1u << 20;

}  // namespace

Result<WriteFile> WriteFile::create(const std::filesystem::path& path, unsigned mode) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return errno_error(path, "cannot create", errno);
  return WriteFile(path, descriptor);
}

Result<WriteFile> WriteFile::reopen(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return errno_error(path, "cannot open", errno);
  WriteFile file(path, descriptor);
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return errno_error(path, "cannot open", errno);
  if (S_ISREG(info.st_mode) && info.st_nlink == 1) return file;
  return Error(ErrorCode::io,
               cat(escaped(path.string()),
                   S_ISREG(info.st_mode) ? ": has another name, too" : ": is not a regular file"));
}

WriteFile WriteFile::of(const std::filesystem::path& path,
                        std::shared_ptr<const ByteTarget> target) {
  WriteFile file(path, -1);
  file.target_ = std::move(target);
  return file;
}

WriteFile::WriteFile(WriteFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      target_(std::move(other.target_)) {}

WriteFile& WriteFile::operator=(WriteFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(target_, other.target_);
  return *this;
}

WriteFile::~WriteFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Status WriteFile::write_at(uint64_t offset, ByteView bytes) const {
  if (target_) {
    Status status = check_range(*target_, path_, offset, bytes.size());
    return status ? target_->write_at(offset, bytes) : status;
  }
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
  if (target_) return read_all_at(*target_, path_, offset, out);
  return read_all_at(descriptor_, path_, offset, out);
}

Status WriteFile::set_size(uint64_t bytes) const {
  if (target_) return bytes == target_->size() ? Status() : Status(out_of_range(path_));
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
  const bool are_files = source.descriptor() >= 0 && descriptor_ >= 0;
  uint64_t done = are_files ? copy_in_kernel(source.descriptor(), from, descriptor_, to, count) : 0;
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
  if (descriptor_ < 0 || beyond_off_t(offset, count)) return;
  (void)::sync_file_range(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(count),
                          SYNC_FILE_RANGE_WRITE);
}

Status WriteFile::finish() {
  if (target_) return {};
  const int descriptor = std::exchange(descriptor_, -1);
  const int sync_failure = ::fsync(descriptor) != 0 ? errno : 0;
  const int close_failure = ::close(descriptor) != 0 ? errno : 0;
  const int failure = sync_failure != 0 ? sync_failure : close_failure;
  if (failure != 0) return errno_error(path_, "cannot write", failure);
  return {};
}

}  // namespace wmk
