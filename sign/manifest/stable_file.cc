// Reading a file that must not change; see sign/manifest/model_tree.h.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "sign/manifest/model_tree.h"

namespace wmk::sign {

namespace {

int64_t nanoseconds(const timespec& time) {
  return static_cast<int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

SteadyFile::SteadyFile(int descriptor) : descriptor_(descriptor), before_(look()) {}

SteadyFile::SteadyFile(SteadyFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), before_(other.before_) {}

SteadyFile::~SteadyFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileState SteadyFile::look() const {
  struct stat info;
  if (::fstat(descriptor_, &info) != 0) return {};
  FileState state;
  state.device = info.st_dev;
  state.inode = info.st_ino;
  state.size = static_cast<uint64_t>(info.st_size);
  state.modified = nanoseconds(info.st_mtim);
  state.changed = nanoseconds(info.st_ctim);
  state.regular = S_ISREG(info.st_mode);
  return state;
}

bool SteadyFile::is(uint64_t device, uint64_t inode) const {
  return before_.device == device && before_.inode == inode;
}

ssize_t SteadyFile::read_at(uint64_t offset, std::span<std::byte> out) const {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t got = ::pread(descriptor_, out.data() + filled, out.size() - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -errno;
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(filled);
}

bool SteadyFile::is_unchanged() const { return before_.regular && look() == before_; }

}  // namespace wmk::sign
