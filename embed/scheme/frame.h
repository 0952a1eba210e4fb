// Frames: secret orthonormal bases built from the model's own token embedding (specs/mark.md 3).
//
// Lifetime: a Frame owns its matrix. Thread-safety: a frame is immutable once made.
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

// The group (below `rows`) and sign that the key gives to a token's label.
Anchor anchor_of(const crypto::SecretBytes& key, std::string_view label, size_t rows);

// One frame for each request, in one pass over the embedding; `labels` has one entry for each row,
// and so has `used`, if given: the frame is made of these rows alone, and centred over them.
// Errors: an embedding that is too small or too degenerate for a frame (malformed); reading.
Result<std::vector<Frame>> make_frames(const checkpoint::Checkpoint& checkpoint,
                                       const checkpoint::Anatomy& anatomy,
                                       const std::vector<std::string>& labels,
                                       const std::vector<FrameRequest>& requests, unsigned threads,
                                       Progress* progress, const std::vector<bool>* used = nullptr);

}  // namespace wmk::embed
