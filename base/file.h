// Files: reads and writes at a position, and outputs that appear complete or not at all.
//
// Purpose: files are read with pread, never mmap, so that a truncated file causes an Error instead
// of a signal. Outputs are written under a temporary name in the same folder, synced and renamed.
// Lifetime: a ReadFile or WriteFile owns its descriptor. Thread-safety: read_at, write_at,
// copy_from and begin_sync may run concurrently on one object; everything else needs one caller.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/files/byte_source.h"
#include "base/result.h"

namespace wmk {

class ReadFile {
 public:
  // Regular files only, because the size of a pipe or device is unknown. What is mounted at `path`
  // (base/files/byte_source.h) is read in place of the file.
  static Result<ReadFile> open(const std::filesystem::path& path);
  // Reads `source`; `path` names it in errors.
  static ReadFile of(const std::filesystem::path& path, std::shared_ptr<const ByteSource> source);
  ReadFile(ReadFile&& other) noexcept;
  ReadFile& operator=(ReadFile&& other) noexcept;
  ~ReadFile();

  const std::filesystem::path& path() const { return path_; }
  // Last component of the path, escaped: the name used in errors.
  std::string name() const;
  uint64_t size() const { return size_; }
  // Fills `out` with the bytes at `offset`. Error (io) if the file ends inside this range.
  Status read_at(uint64_t offset, std::span<std::byte> out) const;
  // Fills `out` with the pieces (base/files/byte_source.h). The same error.
  Status read_runs(const Runs& runs, std::span<std::byte> out) const;
  // Null: a file of this disk.
  const std::shared_ptr<const ByteSource>& source() const { return source_; }
  // -1 if there is none.
  int descriptor() const { return descriptor_; }
  // Whether group or others have any permission on it.
  bool readable_by_others() const;

 private:
  ReadFile(std::filesystem::path path, int descriptor, uint64_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
  uint64_t size_ = 0;
  std::shared_ptr<const ByteSource> source_;  // null: the descriptor
};

// The whole file as text. Error (limit_exceeded) above `bytes_max`.
Result<std::string> read_text(const std::filesystem::path& path, uint64_t bytes_max);

class WriteFile {
 public:
  // Creates `path`, which must not exist, with these permissions.
  static Result<WriteFile> create(const std::filesystem::path& path, unsigned mode = 0644);
  // Opens `path`, which exists, and keeps its bytes. Errors (io): no regular file, a link, a file
  // that has further names (hard links).
  static Result<WriteFile> reopen(const std::filesystem::path& path);
  // Writes to `target`, whose size is fixed; `path` names it in errors.
  static WriteFile of(const std::filesystem::path& path, std::shared_ptr<const ByteTarget> target);
  WriteFile(WriteFile&& other) noexcept;
  WriteFile& operator=(WriteFile&& other) noexcept;
  ~WriteFile();

  Status write_at(uint64_t offset, ByteView bytes) const;
  // Reads what was written. Bytes below set_size() that were never written are zero.
  Status read_at(uint64_t offset, std::span<std::byte> out) const;
  Status set_size(uint64_t bytes) const;
  // Copies bytes [from, from + count) of `source` to offset `to`, inside the kernel if possible.
  Status copy_from(const ReadFile& source, uint64_t from, uint64_t to, uint64_t count) const;
  // A hint to start writing this range to the disk, so that finish() has less to wait for.
  void begin_sync(uint64_t offset, uint64_t count) const;
  // Flushes to the disk and closes. Reports errors of delayed writes, such as a full disk.
  Status finish();

 private:
  WriteFile(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::shared_ptr<const ByteTarget> target_;  // null: the descriptor
};

// A file or folder under construction. path() is its temporary name; commit() renames it to the
// final one; the destructor removes it if it was not committed. What a killed run left behind is
// replaced. An output that another run is writing (its lock is held) is an Error.
class PendingOutput {
 public:
  enum class Kind { file, folder };
  // Error if `final_path` exists, unless `replace`. begin() is reserve() and start().
  static Result<PendingOutput> begin(const std::filesystem::path& final_path, Kind kind,
                                     bool replace);
  // Takes the lock, and leaves at path() what a killed run left there.
  static Result<PendingOutput> reserve(const std::filesystem::path& final_path, bool replace);
  // The output that another process has begun under the same name. It has no lock, is not
  // published, and stays when this object goes.
  static Result<PendingOutput> join(const std::filesystem::path& final_path);
  // Removes that, and makes the folder.
  Status start(Kind kind);
  PendingOutput(PendingOutput&&) noexcept;
  PendingOutput& operator=(PendingOutput&&) = delete;
  ~PendingOutput();

  const std::filesystem::path& path() const { return temporary_; }
  // Whether the destructor leaves an unfinished output where it is, for a later reserve().
  void keep_unfinished(bool keep) { keep_ = keep; }
  // Gives the output its final name. What it replaces is exchanged with it in one step, where the
  // file system can do that (base/rename.h), and stays beside it until the destructor.
  Status publish();
  // publish(), and removes what was replaced.
  Status commit();

 private:
  PendingOutput() = default;
  std::filesystem::path final_;
  std::filesystem::path temporary_;
  std::optional<std::filesystem::path> replaced_;  // where publish() moved the old output
  int lock_ = -1;
  bool replace_ = false;
  bool keep_ = false;
  bool done_ = true;
};

// Checks whether an output can be written to `path`, so that the error comes before the work rather
// than after it. Leaves no files.
Status try_output(const std::filesystem::path& path, bool replace);
// A complete file under its temporary name, on the disk. Its commit() has only to rename it, so
// that several outputs can be prepared before the first one appears.
Result<PendingOutput> prepare_whole(const std::filesystem::path& path, ByteView bytes,
                                    unsigned mode, bool replace);
// Prepares a complete file and commits it.
Status write_whole(const std::filesystem::path& path, ByteView bytes, unsigned mode, bool replace);

}  // namespace wmk
