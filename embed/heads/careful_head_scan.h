// The careful scan of heads: sketches that a suspect's owner cannot drown cheaply
// (specs/careful_heads.md).
//
// Purpose: as careful scans of neurons (embed/careful/careful_scan.h): vectors of any magnitude are
// read, heads with one pattern of attention count as one, and sketches are kept by strength. The
// answer is a few windows. Lifetime: refers to checkpoint, anatomy and structures. Thread-safety:
// one caller; starts its own workers; the windows are the same for any number of them.
#pragma once

#include "base/progress.h"
#include "embed/heads/merged_heads.h"
#include "embed/parts/part_sums.h"

namespace wmk::embed {

// Heads of two neighbouring bands of strength: `band` and `band + 1`.
struct HeadWindow {
  int band = 0;
  uint64_t heads = 0;         // after merging
  uint64_t merged_heads = 0;  // of the file, that share a pattern with another
  bool limited = false;       // the part of a layer was longer than a random sum
  HeadSketchSet sketches;     // `heads` and `weights` are those of the window
};

struct CarefulHeadFacts {
  uint64_t heads = 0;         // read, including absent ones
  uint64_t absent = 0;        // or of a sum that vanishes
  uint64_t merged_heads = 0;  // that share a pattern with another
  uint64_t bytes = 0;         // read from files
};

class CarefulHeadScan {
 public:
  // Everything passed by reference must outlive the scan.
  CarefulHeadScan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                  const std::vector<Structure>& structures);
  CarefulHeadScan(const checkpoint::Checkpoint&, const checkpoint::Anatomy&,
                  std::vector<Structure>&&) = delete;

  // Before run(): as CarefulScan::use(), for layers.
  void use(ScanParts parts) { parts_ = std::move(parts); }
  // Reads this part of the layers, spread over the depth; once unless strengths differ by more than
  // kBandsKept bands.
  Status run(double part, unsigned threads, Progress* progress);
  // Windows with at least 1 % of the heads, most heads first, at most three.
  const std::vector<HeadWindow>& windows() const { return windows_; }
  const CarefulHeadFacts& facts() const { return facts_; }

  // What the heads of layer number `layer` of those with heads add to the window of band `first`,
  // read by themselves.
  Result<HeadWindow> window_of_layer(size_t layer, int first, Progress* progress) const;

 private:
  struct Worker;
  Status read_all(unsigned threads, Progress* progress, HeadBands& bands);
  Status read_pass(size_t layers, unsigned threads, Progress* progress, HeadBands& bands);
  Status read_layer(size_t layer, MergedHeads& heads, Progress* progress) const;
  HeadWindow window_of(const HeadBands& bands, int first) const;

  const checkpoint::Checkpoint& checkpoint_;
  CircuitReader circuits_;
  ScanParts parts_;
  std::vector<size_t> layers_;  // that are read here
  std::vector<int> wanted_;     // first bands of the windows, once they are known
  bool is_second_ = false;      // pass, which keeps only bands of the windows
  std::vector<HeadWindow> windows_;
  CarefulHeadFacts facts_;
};

}  // namespace wmk::embed
