// A copy of a checkpoint in the making, with the same files, names and sizes.
//
// Purpose: creates the files, copies all bytes that the caller does not rewrite, and copies the
// companions (config, tokenizer, licence, ...). Lifetime: owns the files it writes; refers to the
// source. Thread-safety: file() may be written from several threads, at different places, while
// pieces are copied.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/write/companions.h"

namespace wmk::checkpoint {

// Copies one file to `to`, which must not exist.
Status copy_companion(const std::filesystem::path& from, const std::filesystem::path& to);

class CheckpointCopy {
 public:
  // Begins an output at `final_path`: a folder, or one file if the source is one. An output inside
  // the source's folder, or an existing one (unless `replace`), is an Error. begin() is reserve()
  // and start().
  static Result<CheckpointCopy> begin(const Checkpoint& source,
                                      const std::filesystem::path& final_path, bool replace);
  // Takes the name, and leaves what a killed run left there.
  static Result<CheckpointCopy> reserve(const Checkpoint& source,
                                        const std::filesystem::path& final_path, bool replace);
  // Removes that and makes all files.
  Status start();
  // Goes on with it: files flagged in `finished` are complete (one entry per file) and are only
  // read; the others are written. Whatever else is there is removed.
  Status go_on(const std::vector<bool>& finished);
  // The copy that another process has started at the same place. It has no files before share().
  static Result<CheckpointCopy> join(const Checkpoint& source,
                                     const std::filesystem::path& final_path);
  // From now on this process writes the files flagged in `own` (one entry per file); the others are
  // written elsewhere, and count as finished here.
  Status share(const std::vector<bool>& own);
  // Flushes the files of this process to the disk and closes them.
  Status finish_files();
  void keep_unfinished(bool keep) { output_->keep_unfinished(keep); }

  // The source is its own copy: what is written changes it. Its files must be memory
  // (base/files/memory_bytes.h), else an Error.
  static Result<CheckpointCopy> over(const Checkpoint& source);

  // A range of bytes of one weights file.
  struct Piece {
    size_t file;
    uint64_t begin, end;
    uint64_t bytes() const { return end - begin; }
  };
  // Everything except the data of the tensors flagged in `rewritten` (one entry per tensor), in
  // pieces of up to 16 MiB. They may be copied in any order and from any thread.
  std::vector<Piece> pieces(const std::vector<bool>& rewritten) const;
  Status copy_piece(const Piece& piece) const;
  // Copies what plan_companions() decided for the same source.
  Status copy_companions(const Companions& companions);
  // By Tensor::file.
  const WriteFile& file(size_t index) const { return files_[index]; }
  // Writes to a finished file change nothing.
  bool is_finished(size_t index) const { return finished_[index]; }
  // Its place, and that of the whole output, before it has its final name. Not after over().
  std::filesystem::path path_of(size_t file) const;
  const std::filesystem::path& unfinished_path() const { return output_->path(); }
  uint64_t bytes() const;
  // The copy as a checkpoint, before it has its final name.
  Result<Checkpoint> open_written() const;
  // Syncs all files and gives the output its final name. An output that it replaces still exists,
  // under another name, until this object is destroyed.
  Status publish();

 private:
  CheckpointCopy(const Checkpoint& source, std::optional<PendingOutput> output)
      : source_(&source), output_(std::move(output)), finished_(source.files().size()) {}
  Status remove_strangers() const;
  Status open_files(const std::vector<bool>& finished);
  const Checkpoint* source_;
  std::optional<PendingOutput> output_;  // none: over()
  std::vector<WriteFile> files_;
  std::vector<bool> finished_;  // by file
};

}  // namespace wmk::checkpoint
