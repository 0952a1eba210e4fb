// The scan: reads units in an order spread over the depth, up to one analysis at a time.
//
// Purpose: interim analyses after 1/64, 1/32, ... of the weights find a strong mark after a small
// part of the file; the final analysis has all of them. Lifetime: refers to checkpoint, anatomy and
// structures. Thread-safety: one caller; starts its own workers; the sketches are the same for any
// number of them.
#pragma once

#include <optional>
#include <vector>

#include "base/progress.h"
#include "embed/parts/part_sums.h"
#include "embed/read/sketch.h"
#include "embed/read/spread_order.h"

namespace wmk::embed {

// How many bytes a full scan reads.
uint64_t weight_bytes(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy);

class Scan {
 public:
  // `order` lists the blocks to read. Everything passed by reference must outlive the scan.
  Scan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
       const std::vector<Structure>& structures, std::vector<checkpoint::UnitBlock> order,
       bool interim);
  Scan(const checkpoint::Checkpoint&, const checkpoint::Anatomy&, std::vector<Structure>&&,
       std::vector<checkpoint::UnitBlock>, bool) = delete;
  // The same with analyses after `ends` blocks. `exchanges`: in the same pass, sketches of the same
  // units with gate and up exchanged. `memo`: coordinates are taken from there, and kept there.
  Scan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
       const std::vector<Structure>& structures, std::vector<checkpoint::UnitBlock> order,
       std::vector<size_t> ends, bool exchanges, ScanMemo memo = {});

  // Before anything is read: soft tags are left out.
  void read_hard_only();
  // Before anything is read: a part reads the blocks of its own groups, and sketches() are those of
  // its blocks; a merge takes them from the parts, and processes that scan together share them.
  void use(ScanParts parts);
  // Coordinates are kept from here on.
  void keep_coordinates(ScanMemo memo) { memo_ = memo; }
  size_t analysis_count() const { return analysis_ends_.size(); }
  size_t analyses_left() const { return analysis_ends_.size() - next_analysis_; }
  bool done() const { return next_analysis_ == analysis_ends_.size(); }
  // Reads up to the next analysis; sketches() then covers all blocks up to there.
  Status advance(unsigned threads, Progress* progress);
  // The part of the weights up to there, whichever process read them.
  double part_read() const;
  const SketchSet& sketches() const { return sketches_; }
  const SketchSet& exchanged() const { return *exchanged_; }

 private:
  Status read(const std::vector<checkpoint::UnitBlock>& blocks, unsigned threads,
              Progress* progress);
  bool take(const ScanParts& segment, size_t end, Progress* progress);
  Status read_up_to(const ScanParts& segment, size_t end, unsigned threads, Progress* progress);
  bool add(const ScanSum& sum);
  void clear();

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  Projector projector_;
  std::vector<checkpoint::UnitBlock> order_;
  std::vector<size_t> analysis_ends_;  // positions in order_
  size_t next_analysis_ = 0;
  size_t position_ = 0;
  SketchSet sketches_;
  std::optional<SketchSet> exchanged_;
  ScanMemo memo_;
  ScanParts parts_;
  std::vector<size_t> places_;  // of groups, where parts are in use
};

}  // namespace wmk::embed
