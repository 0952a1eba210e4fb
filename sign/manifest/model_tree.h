// The files in a model's folder.
//
// Purpose: one walk finds every file, link and special file in the folder. A file is opened later,
// relative to the same folder and without following links, and must still be the file that the walk
// found. Nothing here blocks on a pipe or a device.
// Lifetime: a ModelTree holds the folder's descriptor. Thread-safety: open() and the functions on
// names may be called from several threads.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "sign/manifest/stable_file.h"

namespace wmk::sign {

enum class EntryKind { file, link, special };

struct TreeEntry {
  std::string name;  // relative, with '/' separators; "." if the model is a single file
  EntryKind kind = EntryKind::file;
  uint64_t bytes = 0;
  uint64_t device = 0, inode = 0;
  bool followed = false;   // a link to a file inside the model, to be read as that file
  std::string ignored_by;  // the ignored path that contains it; empty: not ignored
};

struct TreeOptions {
  std::vector<std::string> ignored;  // sorted names of files and of whole folders
  std::string seal;                  // name of the signature file; empty: not in the model
  bool follow_links = false;
};

class ModelTree {
 public:
  // `model` is a folder or a single file. If it is a link, the link is followed.
  static Result<ModelTree> walk(const std::filesystem::path& model, const TreeOptions& options);
  ModelTree(ModelTree&& other) noexcept;
  ModelTree& operator=(ModelTree&&) = delete;
  ~ModelTree();

  bool is_single_file() const { return single_file_; }
  // Sorted by the bytes of their names.
  const std::vector<TreeEntry>& entries() const { return entries_; }
  const TreeEntry* find(std::string_view name) const;
  // Errors do not name the file: io, it cannot be read; invalid_argument, it is no longer the file
  // that the walk found.
  Result<StableFile> open(const TreeEntry& entry) const;

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

// The last component of the path, "." and ".." resolved; "model" if there is none.
std::string model_name(const std::filesystem::path& model);
// `path` as a name relative to the folder `model`; empty if it is not inside it.
std::string name_inside(const std::filesystem::path& model, const std::filesystem::path& path);

}  // namespace wmk::sign
