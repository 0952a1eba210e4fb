#include "base/files/file_range.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/errno_text.h"
#include "base/text.h"

namespace wmk {

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

Status check_range(const ByteSource& source, const std::filesystem::path& path, uint64_t offset,
                   uint64_t count) {
  const auto end = checked_sum(offset, count);
  return end && *end <= source.size() ? Status() : Status(out_of_range(path));
}

Status read_all_at(const ByteSource& source, const std::filesystem::path& path, uint64_t offset,
                   std::span<std::byte> out) {
  Status status = check_range(source, path, offset, out.size());
  return status ? source.read_at(offset, out) : status;
}

}  // namespace wmk
