// Ranges of bytes of files, for base/file.h.
//
// Thread-safety: pure functions.
#pragma once

#include <filesystem>
#include <span>

#include "base/files/byte_source.h"

namespace wmk {

// One system call moves at most about 2 GiB.
inline constexpr uint64_t kCallBytesMax = 1ull << 30;

// Whether a file cannot have this range.
bool beyond_off_t(uint64_t offset, uint64_t count);
Error out_of_range(const std::filesystem::path& path);
// An Error (io) unless the range lies inside `source`.
Status check_range(const ByteSource& source, const std::filesystem::path& path, uint64_t offset,
                   uint64_t count);
// Error (io) if the source ends inside the range.
Status read_all_at(const ByteSource& source, const std::filesystem::path& path, uint64_t offset,
                   std::span<std::byte> out);
// Error (io) if the file ends inside the range.
Status read_all_at(int descriptor, const std::filesystem::path& path, uint64_t offset,
                   std::span<std::byte> out);

}  // namespace wmk
