// Detection: is the ownership mark of this key in this checkpoint? (specs/verdicts.md)
//
// Purpose: tries few hypotheses, in a fixed order, and counts them all: frames (own strings, own
// ids, recorded), tags (hard, soft), looks, and totals of shares where their number is not known.
// Blind: the key and the suspect alone decide; a record adds the recorded frame and the number of
// shares. Lifetime: values. Thread-safety: one caller; brings its own workers, same answer for any
// number.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "checkpoint/layout/anatomy.h"
#include "checkpoint/text/tokenizer.h"
#include "embed/read/sketch.h"
#include "embed/scheme/record.h"
#include "report/level.h"
#include "verify/frame_source.h"
#include "verify/judge.h"

namespace wmk::verify {

struct DetectRequest {
  const crypto::SecretBytes* master = nullptr;
  const embed::MarkRecord* record = nullptr;      // of this key
  std::optional<unsigned> shares = std::nullopt;  // how many the mark has
  std::optional<unsigned> share = std::nullopt;   // read this one only
  bool full = false;                              // no early stop: one look, at the end
  bool by_layer = false;  // also z of each layer and expert, by a second pass
  double alpha = kDefaultAlpha;
  unsigned threads = 1;
  uint64_t block_bytes = checkpoint::kBlockBytes;
  Progress* progress = nullptr;
};

struct ShareZ {
  unsigned share;
  double z;
};

struct GroupZ {
  uint64_t layer;
  std::optional<uint64_t> expert;
  bool shared;
  uint64_t weights;
  double z;
};

struct Detection {
  report::Level level = report::Level::undecided;
  double z = 0;
  double ln_p = 0;
  double hypotheses = 0;
  FrameSource frame = FrameSource::strings;
  embed::TagRule tags = embed::TagRule::hard;
  // In an untouched copy: on the weights that were read, and on all of them.
  double expected_z = 0;
  double expected_z_full = 0;
  uint64_t weights_read = 0;  // in the scan that gave the answer
  uint64_t weights_total = 0;
  uint64_t bytes_read = 0;  // of weights, over all scans
  std::vector<ShareZ> shares;
  std::vector<GroupZ>
      groups;  // by_layer: in the order of the model, on the answer's frame and tags
  uint64_t absent_units = 0;
  uint64_t not_finite_units = 0;
};

Result<Detection> detect(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const checkpoint::Vocabulary& vocabulary, const DetectRequest& request);

}  // namespace wmk::verify
