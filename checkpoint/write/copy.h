// A copy of a checkpoint under construction: same files, names and sizes.
//
// Purpose: lays the output out, copies byte for byte what its maker will not rewrite, and brings
// the companions (config, tokenizer, licence ...) along. Lifetime: owns the files it writes; refers
// to the source. Thread-safety: file() may be written from any thread, at different
// places, and pieces may be copied at the same time.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"

namespace wmk::checkpoint {

class CheckpointCopy {
 public:
  // Begins an output at `final_path`: a folder, or one file if the source is one. An output inside
  // the source's folder, or an existing one (unless `replace`), is an Error.
  static Result<CheckpointCopy> begin(const Checkpoint& source,
                                      const std::filesystem::path& final_path, bool replace);

  // A part of the weights' files.
  struct Piece {
    size_t file;
    uint64_t begin, end;
    uint64_t bytes() const { return end - begin; }
  };
  // Everything but the data of the tensors marked in `rewritten` (one entry a tensor), in pieces of
  // some megabytes; and to copy one of them, in any order and from any thread.
  std::vector<Piece> pieces(const std::vector<bool>& rewritten) const;
  Status copy_piece(const Piece& piece) const;
  // Copies the other files of the folder. Links that lead out of it are left out and noted.
  Status copy_companions(std::vector<std::string>& notes);
  // By Tensor::file.
  const WriteFile& file(size_t index) const { return files_[index]; }
  uint64_t bytes() const;
  // Syncs all files and gives the output its name.
  Status commit();

 private:
  CheckpointCopy(const Checkpoint& source, PendingOutput output)
      : source_(&source), output_(std::move(output)) {}
  const Checkpoint* source_;
  PendingOutput output_;
  std::vector<WriteFile> files_;
};

}  // namespace wmk::checkpoint
