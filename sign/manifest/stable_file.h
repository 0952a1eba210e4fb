// A file that must not change while it is read.
//
// Purpose: identity, size and times are taken when the file is opened, so that a later change is
// noticed. Lifetime: a StableFile owns its descriptor. Thread-safety: read_at() may run in several
// threads.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"

namespace wmk::sign {

// The identity of a file, and its size and times as fstat reports them.
struct FileState {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modified = 0, changed = 0;  // ns
  bool regular = false;
  bool operator==(const FileState&) const = default;
};

// The state of an open file now; that of a descriptor that is not open is FileState().
FileState state_of(int descriptor);

class StableFile {
 public:
  explicit StableFile(int descriptor);
  StableFile(StableFile&& other) noexcept;
  StableFile& operator=(StableFile&&) = delete;
  ~StableFile();

  uint64_t size() const { return state_.size; }
  bool is_regular() const { return state_.regular; }
  bool is(uint64_t device, uint64_t inode) const;
  // Bytes read: fewer than `out` holds only at the end of the file. Errors (io) do not name the
  // file.
  Result<size_t> read_at(uint64_t offset, std::span<std::byte> out) const;
  // The state when it was opened.
  const FileState& state() const { return state_; }
  // The state is still the same.
  bool is_unchanged() const;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
  FileState state_;
};

}  // namespace wmk::sign
