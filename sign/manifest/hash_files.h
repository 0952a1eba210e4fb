// Digests of many files at once.
//
// Purpose: hashing is the whole cost of signing. Files are handed out to the workers, the largest
// first; each is opened once, read in large pieces by position, and looked at before and after, and
// once more when all have been read: an answer is about one state of all files.
// Memory: one buffer a worker. Thread-safety: one caller.
#pragma once

#include <vector>

#include "base/progress.h"
#include "sign/digest.h"
#include "sign/manifest/model_tree.h"
#include "sign/reason.h"

namespace wmk::sign {

struct FileDigest {
  Bytes digest;  // empty where there is none, and then:
  Code fault = Code::file_changed;
  std::string text;
  FileState seen;  // the file whose digest it is
};

// One for each of `files`, in their order. `progress` may be null.
std::vector<FileDigest> hash_files(const ModelTree& tree,
                                   const std::vector<const TreeEntry*>& files, Hash hash,
                                   unsigned threads, Progress* progress);

}  // namespace wmk::sign
