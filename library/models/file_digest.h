// Sizes and SHA-256 digests of files.
//
// Lifetime: values. Thread-safety: one caller; starts its own workers.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/progress.h"

namespace wmk::library {

struct FileDigest {
  std::string name;
  uint64_t bytes = 0;
  std::string sha256;  // hexadecimal
};

Result<FileDigest> digest_of(const ReadFile& file, Progress* progress = nullptr);
Result<std::vector<FileDigest>> digests_of(const std::vector<const ReadFile*>& files,
                                           unsigned threads, Progress* progress = nullptr);
// Of files that lie anywhere; names are those of the files alone.
Result<std::vector<FileDigest>> digests_of_files(const std::vector<std::filesystem::path>& paths,
                                                 unsigned threads);

}  // namespace wmk::library
