// Files: positional reads, and outputs that appear whole or not at all.
//
// Purpose: reading is by pread, never mmap, so that a truncated file gives an Error and no signal.
// Outputs are written under a temporary name beside the final one, synced and renamed.
// Lifetime: a ReadFile or WriteFile owns its descriptor. Thread-safety: read_at, write_at,
// copy_from and begin_sync may run at the same time on one object; everything else needs one
// caller.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk {

class ReadFile {
 public:
  // Regular files only (a pipe or a device has no size to check against).
  static Result<ReadFile> open(const std::filesystem::path& path);
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&& other) noexcept;
  ~ReadFile();

  const std::filesystem::path& path() const { return path_; }
  // Last component, escaped: how errors name the file.
  std::string name() const;
  uint64_t size() const { return size_; }
  // Fills `out` from `offset`; an end of file inside the range is an Error (io).
  Status read_at(uint64_t offset, std::span<std::byte> out) const;
  int descriptor() const { return descriptor_; }
  // Others may read it (group or world bits set).
  bool readable_by_others() const;

 private:
  ReadFile(std::filesystem::path path, int descriptor, uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
};

// The whole file as text; a file above `bytes_max` is an Error (limit_exceeded).
Result<std::string> read_text(const std::filesystem::path& path, uint64_t bytes_max);

class WriteFile {
 public:
  // Creates `path`, which must not exist, with `mode`.
  static Result<WriteFile> create(const std::filesystem::path& path, unsigned mode = 0644);
  WriteFile(WriteFile&& other) noexcept;
  WriteFile& operator=(WriteFile&& other) noexcept;
  ~WriteFile();

  Status write_at(uint64_t offset, ByteView bytes) const;
  // Reads back what was written; bytes never written are zero up to set_size().
  Status read_at(uint64_t offset, std::span<std::byte> out) const;
  Status set_size(uint64_t bytes) const;
  // Copies bytes [from, from + count) of `source` to `to` inside the kernel where that is possible.
  Status copy_from(const ReadFile& source, uint64_t from, uint64_t to, uint64_t count) const;
  // A hint: what was written to this range so far may begin to go to the disk, so that finish() has
  // less to wait for.
  void begin_sync(uint64_t offset, uint64_t count) const;
  // Flushes to the disk and closes; errors of delayed writing (disk full) are reported here.
  Status finish();

 private:
  WriteFile(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
};

// A file or folder under construction: `path()` is the temporary name; commit() renames it to the
// final one; the destructor removes what was not committed. A leftover of a killed run is replaced,
// that of a running one (its lock is held) is an Error.
class PendingOutput {
 public:
  enum class Kind { file, folder };
  // An existing `final_path` is an Error unless `replace`.
  static Result<PendingOutput> begin(const std::filesystem::path& final_path, Kind kind,
                                     bool replace);
  PendingOutput(PendingOutput&&) noexcept;
  PendingOutput& operator=(PendingOutput&&) = delete;
  ~PendingOutput();

  const std::filesystem::path& path() const { return temporary_; }
  Status commit();

 private:
  PendingOutput() = default;
  std::filesystem::path final_;
  std::filesystem::path temporary_;
  int lock_ = -1;
  bool replace_ = false;
  bool done_ = true;
};

// Whether an output at `path` can be begun: what cannot be written is told before the work, not
// after it. Leaves nothing behind.
Status try_output(const std::filesystem::path& path, bool replace);
// Writes `text` to `path` by way of a PendingOutput.
Status write_whole(const std::filesystem::path& path, ByteView bytes, unsigned mode, bool replace);

}  // namespace wmk
