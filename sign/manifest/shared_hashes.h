// Digests of many files by the processes of mpirun together (specs/processes.md 4).
//
// Thread-safety: one caller at a time, on each process.
#pragma once

#include "sign/manifest/hash_files.h"

namespace wmk::sign {

// (all) hash_files() of files that are divided by size. States are those that the first process saw
// before and after. Errors: of a process; one that sees other files.
Result<std::vector<HashedFile>> hash_files_together(const ModelTree& tree,
                                                    const std::vector<const TreeEntry*>& files,
                                                    Hash hash, unsigned threads,
                                                    Progress* progress);

}  // namespace wmk::sign
