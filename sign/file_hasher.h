// The digest of a file, or of a range of one, read piece by piece.
//
// Memory: one piece of 256 KiB: large enough for a disk, small enough to stay in a core's cache.
// Lifetime: a FileHasher is used for one range after another. Thread-safety: one caller per object.
#pragma once

#include <functional>

#include "base/file.h"
#include "base/progress.h"
#include "sign/digest.h"

namespace wmk::sign {

class FileHasher {
 public:
  // Reads from an offset into the span and returns the number of bytes; 0 at the end of the file.
  using Read = std::function<Result<size_t>(uint64_t, std::span<std::byte>)>;

  explicit FileHasher(Hash hash = Hash::sha256);
  // The digest of `bytes` bytes from `offset` on, or of fewer where the file ends before. The
  // errors are those of `read`; `progress` may be null.
  Result<Bytes> digest(const Read& read, uint64_t offset, uint64_t bytes, Progress* progress);
  // The same for an open file, where an early end is an Error (io).
  Result<Bytes> digest(const ReadFile& file, uint64_t offset, uint64_t bytes, Progress* progress);

 private:
  Hasher hasher_;
  Bytes piece_;
};

}  // namespace wmk::sign
