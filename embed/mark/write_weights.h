// Writes the weights of a marked copy: neurons changed, everything else byte for byte.
//
// Purpose: one pass over the output's files by all workers. Thread-safety: brings its own workers.
#pragma once

#include "base/progress.h"
#include "checkpoint/write/copy.h"
#include "embed/mark/marker.h"

namespace wmk::embed {

struct WriteOptions {
  unsigned threads = 1;
  uint64_t block_bytes = 0;  // of each matrix at once
  Progress* progress = nullptr;
};

// Adds what changed to `change`; the output and the sums are the same for any options.
Status write_weights(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                     const Marker& marker, const checkpoint::CheckpointCopy& copy,
                     const WriteOptions& options, Change& change);

}  // namespace wmk::embed
