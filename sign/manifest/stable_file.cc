#include "sign/manifest/stable_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/errno_text.h"

namespace wmk::sign {

namespace {

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

StableFile::StableFile(int descriptor) : descriptor_(descriptor), state_(state_of(descriptor)) {}

StableFile::StableFile(StableFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), state_(other.state_) {}

StableFile::~StableFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileState state_of(int descriptor) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0) return {};
  FileState state;
  state.device = info.st_dev;
  state.inode = info.st_ino;
  state.size = static_cast<uint64_t>(info.st_size);
  state.modified = nanoseconds(info.st_mtim);
  state.changed = nanoseconds(info.st_ctim);
  state.regular = S_ISREG(info.st_mode);
  return state;
}

bool StableFile::is(uint64_t device, uint64_t inode) const {
  return state_.device == device && state_.inode == inode;
}

Result<size_t> StableFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::pread(descriptor_, out.data() + filled, out.size() - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error(ErrorCode::io, cat("cannot read: ", errno_text(errno)));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return filled;
}

bool StableFile::is_unchanged() const { return state_.regular && state_of(descriptor_) == state_; }

}  // namespace wmk::sign
