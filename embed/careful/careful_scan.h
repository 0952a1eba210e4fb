// The careful scan: sketches that a suspect's owner cannot drown cheaply (specs/careful.md).
//
// Purpose: vectors of any magnitude are read, neurons with one gate count as one, and sketches are
// kept by strength, so that neurons of next to no strength have no weight. The answer is a few
// windows, each scored like the sketches of a plain scan (Scan). Lifetime: refers to checkpoint,
// anatomy and structures; windows() refer to the scan. Thread-safety: one caller; starts its own
// workers; the windows are the same for any number of them.
#pragma once

#include <vector>

#include "base/progress.h"
#include "embed/careful/careful_ffn.h"
#include "embed/parts/part_sums.h"

namespace wmk::embed {

// Neurons of two neighbouring bands of strength: `band` and `band + 1`. Neurons with
// floor(log2(|u| |v|) / 4) = b are in band b.
struct Window {
  int band = 0;
  uint64_t neurons = 0;       // after merging
  uint64_t merged_units = 0;  // of the file, that share a gate with another
  bool limited = false;       // the part of an FFN was longer than a random sum and was scaled down
  SketchSet sketches;         // `weights` are those of its neurons, `bytes` those of the whole scan
};

struct CarefulFacts {
  uint64_t units = 0;  // read, including skipped ones
  uint64_t skipped = 0;
  uint64_t not_finite = 0;    // of those skipped
  uint64_t neurons = 0;       // after merging
  uint64_t merged_units = 0;  // that share a gate with another
  uint64_t bytes = 0;         // read from files
};

class CarefulScan {
 public:
  // Everything passed by reference must outlive the scan. `memo`: coordinates are taken from there.
  CarefulScan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
              const std::vector<Structure>& structures, ScanMemo memo = {});
  CarefulScan(const checkpoint::Checkpoint&, const checkpoint::Anatomy&,
              std::vector<Structure>&&) = delete;

  // Before run(): a part reads its own FFNs, and has no windows; a merge takes them from the parts,
  // and processes that scan together share them.
  void use(ScanParts parts) { parts_ = std::move(parts); }
  // Reads all neurons, once unless their strengths differ by more than kBandsKept bands.
  Status run(unsigned threads, Progress* progress);
  // Windows with at least 1 % of the neurons, most neurons first, at most kWindowsKept.
  const std::vector<Window>& windows() const { return windows_; }
  const CarefulFacts& facts() const { return facts_; }

  // What group number `group` adds to the window of band `first`, read by itself.
  Result<Window> window_of_group(size_t group, int first, Progress* progress) const;

 private:
  struct Worker;
  Status read_all(unsigned threads, Progress* progress, bool only_wanted, Bands& bands);
  std::vector<size_t> own_groups() const;
  Status read_pass(unsigned threads, Progress* progress, bool only_wanted, Bands& bands);
  void set_facts(const std::array<uint64_t, 4>& facts);
  Window window_of(const Bands& bands, int first) const;

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  Projector projector_;
  ScanMemo memo_;
  ScanParts parts_;
  std::vector<int> wanted_;  // bands whose sketches a second pass keeps
  std::vector<Window> windows_;
  CarefulFacts facts_;
};

}  // namespace wmk::embed
