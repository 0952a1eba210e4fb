// Frames: secret orthonormal bases built from the model's own token embedding (specs/mark.md 3).
//
// Lifetime: a Frame owns its matrix. Thread-safety: immutable after make_frames.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "base/result.h"
#include "checkpoint/layout/anatomy.h"
#include "crypto/secret.h"
#include "embed/scheme/embedding_sums.h"

namespace wmk::embed {

struct Frame {
  size_t rows = 0;
  size_t width = 0;
  std::vector<float> values;  // rows x width, row-major: P
};

struct FrameRequest {
  const crypto::SecretBytes* key;
  size_t rows;
};

Anchor anchor_of(const crypto::SecretBytes& key, std::string_view label, size_t rows);

// One frame for each request, in one pass over the embedding; `labels` has one entry for each of
// its rows. Errors: an embedding too small or too degenerate for a frame (malformed), reading.
Result<std::vector<Frame>> make_frames(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<std::string>& labels,
                                       const std::vector<FrameRequest>& requests, unsigned threads,
                                       Progress* progress);

}  // namespace wmk::embed
