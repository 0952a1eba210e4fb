// Writes the marked heads of a copy.
//
// Thread-safety: starts its own workers.
#pragma once

#include "base/progress.h"
#include "embed/mark/head_marker.h"

namespace wmk::embed {

// Marks all heads in a copy whose other bytes are written already.
Status write_heads(const HeadMarker& marker, const checkpoint::CheckpointCopy& copy,
                   unsigned threads, Progress* progress, Change& change);

}  // namespace wmk::embed
