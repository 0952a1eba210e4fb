// The zip archive of a PyTorch file: required entries and their meaning.
//
// Thread-safety: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"
#include "checkpoint/torch/zip_directory.h"

namespace wmk::checkpoint {

class TorchArchive {
 public:
  static Result<TorchArchive> open(const ReadFile& file);

  Result<Bytes> read_pickle(const ReadFile& file) const;
  // The entry of storage `key`, or null.
  const ZipEntry* storage(std::string_view key) const;

 private:
  TorchArchive(ZipDirectory directory, std::string folder)
      : directory_(std::move(directory)), folder_(std::move(folder)) {}
  const ZipEntry* find(std::string_view name) const;
  // The text of a small entry; empty: there is no such entry.
  Result<std::string> word(const ReadFile& file, std::string_view name) const;
  Status check(const ReadFile& file) const;

  ZipDirectory directory_;
  std::string folder_;  // "archive/": of all entries
};

}  // namespace wmk::checkpoint
