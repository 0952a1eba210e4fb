// The files of a model as they lie on the disk.
//
// Purpose: one walk finds every file, link and special file below the model's folder; a file is
// opened later, relative to the same folder, without following links, and must still be the file
// that the walk saw. Nothing in here blocks on a pipe or a device.
// Lifetime: a ModelTree holds the folder's descriptor. Thread-safety: open() and names may be used
// from several threads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace wmk::sign {

struct TreeEntry {
  enum class Kind { file, link, special };

  std::string name;  // relative, '/' between components; "." where the model is a single file
  Kind kind = Kind::file;
  uint64_t bytes = 0;
  uint64_t device = 0, inode = 0;
  bool followed = false;   // a link to a file inside the model that may be read through
  std::string ignored_by;  // the ignored path it is or lies below; empty: it counts
};

struct TreeOptions {
  std::vector<std::string> ignored;  // sorted names; each stands for all below it too
  std::string seal;                  // name of the signature file; empty: not in the model
  bool follow_links = false;
};

// Which file it is and what the system says of its content's age.
struct FileState {
  uint64_t device = 0, inode = 0, size = 0;
  int64_t modified = 0, changed = 0;  // ns
  bool regular = false;
  bool operator==(const FileState&) const = default;
};

// A file that is being read; it must not change meanwhile.
class SteadyFile {
 public:
  explicit SteadyFile(int descriptor);
  SteadyFile(SteadyFile&& other) noexcept;
  SteadyFile& operator=(SteadyFile&&) = delete;
  ~SteadyFile();

  uint64_t size() const { return before_.size; }
  bool is_regular() const { return before_.regular; }
  bool is(uint64_t device, uint64_t inode) const;
  // Bytes read: fewer than asked for at the end of the file only. Negative: errno, negated.
  ssize_t read_at(uint64_t offset, std::span<std::byte> out) const;
  // As it was opened.
  const FileState& state() const { return before_; }
  // It is so still.
  bool is_unchanged() const;
  int descriptor() const { return descriptor_; }

 private:
  FileState look() const;
  int descriptor_;
  FileState before_;
};

class ModelTree {
 public:
  // A folder, or a single file. A link as `model` itself is followed: the user named it.
  static Result<ModelTree> walk(const std::filesystem::path& model, const TreeOptions& options);
  ModelTree(ModelTree&& other) noexcept;
  ModelTree& operator=(ModelTree&&) = delete;
  ~ModelTree();

  bool is_single_file() const { return single_file_; }
  // Sorted by the bytes of their names.
  const std::vector<TreeEntry>& entries() const { return entries_; }
  const TreeEntry* find(std::string_view name) const;
  // Errors are clauses without the name: io, it cannot be read; invalid_argument, it is not the
  // file that was found any more.
  Result<SteadyFile> open(const TreeEntry& entry) const;

 private:
  ModelTree() = default;
  Status walk_folder(const TreeOptions& options);
  Status add(int folder, std::string name, const char* last, const TreeOptions& options,
             std::string_view ignored_by);
  std::filesystem::path path_;
  int root_ = -1;
  bool single_file_ = false;
  std::vector<TreeEntry> entries_;
};

// The last component of the path as the user meant it; "model" where there is none.
std::string model_name(const std::filesystem::path& model);
// `path` as a name below the folder `model`, or empty where it lies elsewhere.
std::string name_inside(const std::filesystem::path& model, const std::filesystem::path& path);

}  // namespace wmk::sign
