#include "remote/kept_blocks.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/files/file_range.h"

namespace wmk::remote {

namespace {

// So much of the disk stays free for others.
constexpr uint64_t kFreeBytesMin = 1ull << 30;

// What is kept there would fill the memory.
bool is_in_memory(int descriptor) {
  struct statfs info;
  if (::fstatfs(descriptor, &info) != 0) return true;
  return info.f_type == TMPFS_MAGIC || info.f_type == RAMFS_MAGIC;
}

}  // namespace

std::unique_ptr<KeptBlocks> KeptBlocks::make(const std::filesystem::path& folder, uint64_t bytes) {
  std::string path = (folder / "kept-XXXXXX").string();
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) return nullptr;
  ::unlink(path.c_str());
  if (is_in_memory(descriptor) || ::ftruncate(descriptor, static_cast<off_t>(bytes)) != 0) {
    ::close(descriptor);
    return nullptr;
  }
  return std::unique_ptr<KeptBlocks>(new KeptBlocks(descriptor));
}

KeptBlocks::~KeptBlocks() { ::close(descriptor_); }

bool KeptBlocks::has_room(uint64_t bytes) {
  struct statvfs info;
  const bool is_known = ::fstatvfs(descriptor_, &info) == 0;
  const std::lock_guard lock(mutex_);
  const double free = is_known ? static_cast<double>(info.f_bavail) * info.f_frsize : 0;
  full_ = full_ || free < static_cast<double>(bytes) + kFreeBytesMin;
  return !full_;
}

KeptBlocks::State KeptBlocks::state(uint64_t block) const {
  const auto page = pages_.find(block / kPageBlocks);
  return page == pages_.end() ? State::missing : page->second[block % kPageBlocks];
}

void KeptBlocks::set_state(uint64_t block, State state) {
  pages_[block / kPageBlocks][block % kPageBlocks] = state;
}

bool KeptBlocks::any(Span range, State wanted) const {
  for (uint64_t block = range.first; block < range.end; ++block) {
    if (state(block) == wanted) return true;
  }
  return false;
}

bool KeptBlocks::all(Span range, State wanted) const {
  for (uint64_t block = range.first; block < range.end; ++block) {
    if (state(block) != wanted) return false;
  }
  return true;
}

bool KeptBlocks::has(Span range) {
  const std::lock_guard lock(mutex_);
  return all(range, State::there);
}

std::vector<KeptBlocks::Span> KeptBlocks::claim(Span range) {
  const std::lock_guard lock(mutex_);
  std::vector<Span> out;
  for (uint64_t block = range.first; block < range.end; ++block) {
    if (state(block) != State::missing) continue;
    set_state(block, State::loading);
    if (!out.empty() && out.back().end == block) {
      ++out.back().end;
    } else {
      out.push_back({block, block + 1});
    }
  }
  return out;
}

void KeptBlocks::settle(Span claimed, bool arrived) {
  const std::lock_guard lock(mutex_);
  const State state = arrived ? State::there : State::missing;
  for (uint64_t block = claimed.first; block < claimed.end; ++block) set_state(block, state);
  changed_.notify_all();
}

bool KeptBlocks::wait(Span range) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !any(range, State::loading); });
  return all(range, State::there);
}

bool KeptBlocks::put(uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      const std::lock_guard lock(mutex_);
      full_ = true;
      return false;
    }
    offset += static_cast<uint64_t>(put);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return true;
}

Status KeptBlocks::read(uint64_t offset, std::span<std::byte> out) const {
  return read_all_at(descriptor_, "bytes that were kept", offset, out);
}

}  // namespace wmk::remote
