// Sizes and digests of the files a model was read from.
//
// Thread-safety: one caller; brings its own workers.
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

// Weights files in their order, then config.json and the tokenizer, where they are.
Result<std::vector<FileDigest>> file_digests(const OpenedModel& model, unsigned threads,
                                             Progress* progress);

}  // namespace wmk::cli
