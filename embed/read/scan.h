// The scan: reads units in an order spread over the depth, in steps that end at looks.
//
// Purpose: after 1/64, 1/32, ... 1/1 of the weights the statistic may be taken, so that a strong
// mark is found after a small part of the file. Lifetime: refers to checkpoint, anatomy and
// structures. Thread-safety: one caller; brings its own workers, and the sketch is the same for any
// number.
#pragma once

#include <vector>

#include "base/progress.h"
#include "embed/read/sketch.h"

namespace wmk::embed {

// All blocks: the first of every layer, layers in bit-reversed order, then the second of every
// layer, and so on.
std::vector<checkpoint::UnitBlock> scan_order(const checkpoint::Checkpoint& checkpoint,
                                              const checkpoint::Anatomy& anatomy,
                                              uint64_t block_bytes = checkpoint::kBlockBytes);

// Where looks are taken: the numbers of blocks after which 1/64, 1/32, ... 1/1 of all units are
// read; only the last without `early_looks`.
std::vector<size_t> look_ends(const std::vector<checkpoint::UnitBlock>& order, bool early_looks);

// Bytes of all vectors that a full scan reads.
uint64_t weight_bytes(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy);

class Scan {
 public:
  // `order` is what to read. All that is given by reference must outlive the scan.
  Scan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
       const std::vector<Structure>& structures, std::vector<checkpoint::UnitBlock> order,
       bool early_looks);
  Scan(const checkpoint::Checkpoint&, const checkpoint::Anatomy&, std::vector<Structure>&&,
       std::vector<checkpoint::UnitBlock>, bool) = delete;

  size_t look_count() const { return looks_.size(); }
  bool done() const { return next_look_ == looks_.size(); }
  // Reads on to the next look; sketches() then covers everything up to it.
  Status advance(unsigned threads, Progress* progress);
  const SketchSet& sketches() const { return sketches_; }

 private:
  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  Projector projector_;
  std::vector<checkpoint::UnitBlock> order_;
  std::vector<size_t> looks_;  // ends in order_
  size_t next_look_ = 0;
  size_t position_ = 0;
  SketchSet sketches_;
};

}  // namespace wmk::embed
