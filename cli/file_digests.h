// Sizes and SHA-256 digests of the files of a model, for pages.
//
// Thread-safety: one caller; starts its own workers.
#pragma once

#include <string>
#include <vector>

#include "base/progress.h"
#include "cli/inputs.h"

namespace wmk::cli {

struct FileDigest {
  std::string name;
  uint64_t bytes = 0;
  std::string sha256;
};

// The weights files in their order, then configuration and tokenizer files if there are any.
Result<std::vector<FileDigest>> file_digests(const OpenedModel& model, unsigned threads,
                                             Progress* progress);

}  // namespace wmk::cli
