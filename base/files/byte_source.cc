#include "base/files/byte_source.h"

#include <map>
#include <mutex>

namespace wmk {

namespace fs = std::filesystem;

namespace {

struct Mounts {
  std::mutex mutex;
  std::map<fs::path, std::shared_ptr<const ByteSource>> by_path;
};

Mounts& mounts() {
  static Mounts all;
  return all;
}

fs::path key_of(const fs::path& path) {
  std::error_code ignored;
  return fs::absolute(path, ignored).lexically_normal();
}

}  // namespace

Status ByteSource::read_runs(const Runs& runs, std::span<std::byte> out) const {
  for (uint64_t i = 0; i < runs.count; ++i) {
    const std::span piece = out.subspan(i * runs.bytes, runs.bytes);
    if (Status status = read_at(runs.offset + i * runs.stride, piece); !status) return status;
  }
  return {};
}

Mount::Mount(fs::path path, std::shared_ptr<const ByteSource> source) : path_(key_of(path)) {
  const std::lock_guard lock(mounts().mutex);
  mounts().by_path[path_] = std::move(source);
}

Mount::Mount(Mount&& other) noexcept : path_(std::exchange(other.path_, fs::path())) {}

Mount& Mount::operator=(Mount&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

Mount::~Mount() {
  if (path_.empty()) return;
  const std::lock_guard lock(mounts().mutex);
  mounts().by_path.erase(path_);
}

std::shared_ptr<const ByteSource> Mount::at(const fs::path& path) {
  const std::lock_guard lock(mounts().mutex);
  if (mounts().by_path.empty()) return nullptr;
  const auto found = mounts().by_path.find(key_of(path));
  return found == mounts().by_path.end() ? nullptr : found->second;
}

}  // namespace wmk
