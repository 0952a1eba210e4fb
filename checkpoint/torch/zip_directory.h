// The entries of a zip archive that stores without compressing, as PyTorch writes them.
//
// Purpose: finds the bytes of each entry. Strict, so that all readers see the same archive: entries
// are not compressed, local headers agree with the central directory, and headers, data and
// directory cover the file without a gap (specs/torch.md). Lifetime: plain values. Thread-safety:
// pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace wmk::checkpoint {

inline constexpr uint64_t kZipEntriesMax = 4'000'000;
inline constexpr uint64_t kZipDirectoryBytesMax = 512ull << 20;

struct ZipEntry {
  std::string name;
  uint64_t offset = 0;  // of the data, from the start of the file
  uint64_t bytes = 0;
};

struct ZipDirectory {
  std::vector<ZipEntry> entries;  // by name

  const ZipEntry* find(std::string_view name) const;
};

// Errors name the entry, not the file. Checksums are compared with each other, not with the data.
Result<ZipDirectory> read_zip_directory(const ReadFile& file);

}  // namespace wmk::checkpoint
