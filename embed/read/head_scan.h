// The scan of attention heads: whole layers, in an order spread over the depth (specs/heads.md 4).
//
// Purpose: goes along with a scan of neurons; after each of its analyses the same part of the heads
// is read. Lifetime: refers to checkpoint, anatomy and structures. Thread-safety: one caller;
// starts its own workers; the sketches are the same for any number of them.
#pragma once

#include <vector>

#include "embed/parts/part_sums.h"
#include "embed/read/head_sketch.h"

namespace wmk::embed {

// How many bytes a full scan reads.
uint64_t head_bytes(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy);

class HeadScan {
 public:
  HeadScan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
           const std::vector<Structure>& structures);
  HeadScan(const checkpoint::Checkpoint&, const checkpoint::Anatomy&,
           std::vector<Structure>&&) = delete;

  // Before anything is read.
  void use(VectorMemo* memo) { reader_.use(memo); }
  // Before anything is read: as Scan::use(), for layers.
  void use(ScanParts parts) { parts_ = std::move(parts); }
  // Reads on until at least this part of the layers is read.
  Status advance(double part, unsigned threads, Progress* progress);
  const HeadSketchSet& sketches() const { return sketches_; }

 private:
  bool take(const ScanParts& segment, size_t end, Progress* progress);

  CircuitReader reader_;
  std::vector<size_t> order_;  // of layers
  size_t position_ = 0;
  HeadSketchSet sketches_;
  ScanParts parts_;
};

}  // namespace wmk::embed
