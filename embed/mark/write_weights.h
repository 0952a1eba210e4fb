// Writes the weights of a marked copy: neurons are changed, everything else is copied byte for
// byte.
//
// Purpose: one pass over the output's files by all workers. Thread-safety: starts its own workers.
#pragma once

#include "base/progress.h"
#include "checkpoint/write/copy.h"
#include "embed/mark/marker.h"

namespace wmk::embed {

struct WriteOptions {
  unsigned threads = 1;
  uint64_t block_bytes = 0;  // how much of each matrix is processed at a time
  Progress* progress = nullptr;
};

// Adds to `change` what was changed. Output and sums are the same for any options. Without a marker
// neurons are copied as well. `written`: tensors that were written before, by index.
Status write_weights(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                     const Marker* marker, const std::vector<size_t>& written,
                     const checkpoint::CheckpointCopy& copy, const WriteOptions& options,
                     Change& change);

}  // namespace wmk::embed
