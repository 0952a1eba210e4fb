// Digests of many files in parallel.
//
// Purpose: hashing is the whole cost of signing. Workers take the largest files first; each file is
// opened once, and its state is checked before and after reading, and again when all files have
// been read, so that the digests describe one state of the whole model.
// Memory: one buffer per worker. Thread-safety: one caller.
#pragma once

#include <vector>

#include "base/progress.h"
#include "sign/digest.h"
#include "sign/manifest/model_tree.h"
#include "sign/reason.h"

namespace wmk::sign {

struct HashedFile {
  Bytes digest;                     // empty if the file could not be hashed; then:
  Code fault = Code::file_changed;  // why not,
  std::string text;                 // and in words, without the file's name
  FileState state;                  // of the file that was hashed
};

// Numbers of files, the largest one first.
std::vector<size_t> largest_first(const std::vector<const TreeEntry*>& files);
// One result for each of `files`, in their order. `progress` may be null.
std::vector<HashedFile> hash_files(const ModelTree& tree,
                                   const std::vector<const TreeEntry*>& files, Hash hash,
                                   unsigned threads, Progress* progress);

}  // namespace wmk::sign
