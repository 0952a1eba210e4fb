// Sketches: what a scan keeps of the suspect, V = sum of T^T y (specs/mark.md 6).
//
// Purpose: sums are exact fixed-point integers, so adding up blocks, files, threads and machines in
// any order gives the same bits. Lifetime: values. Thread-safety: each worker has its own sketch;
// merge them afterwards.
#pragma once

#include <cstdint>
#include <vector>

#include "embed/read/tag_product.h"
#include "embed/read/tags.h"

namespace wmk::embed {

// The fixed-point integer that stands for a V of 1. A panel's sums are below 2^11, so the sums of
// 2^32 panels fit into 63 bits.
inline constexpr double kSketchUnit = 0x1p20;
// One unit of |y|^2 is this. A panel's sum is below 2^22, so 2^29 panels fit.
inline constexpr double kEnergyUnit = 0x1p12;

// The sketch of one structure under one tag rule: m x r for each kind of vector.
class Sketch {
 public:
  explicit Sketch(const Structure& structure);

  // Adds V of one panel (m x r floats).
  void add(VectorKind kind, const std::vector<float>& v);
  void merge(const Sketch& other);
  // V in floating point.
  std::vector<double> matrix(VectorKind kind) const;
  const std::vector<int64_t>& sums(VectorKind kind) const { return sums_[kind]; }
  void scale(VectorKind kind, double factor);

 private:
  friend struct SketchNumbers;
  PerKind<std::vector<int64_t>> sums_;
};

// The sketches of all structures under both tag rules, and how much was read for them.
class SketchSet {
 public:
  explicit SketchSet(const std::vector<Structure>& structures);

  const Sketch& at(size_t structure, TagRule rule) const {
    return sketches_[index(structure, rule)];
  }
  void merge(const SketchSet& other);
  // Scales down each part (structure, tag rule, kind) of V that is longer than a sum of as many
  // independent neurons would be (specs/careful.md 5). True if any was much longer. Kinds that a
  // structure does not score stay as they are.
  bool limit_length(const std::vector<Structure>& structures);
  // All sums of the kinds that are scored are zero: nothing was read.
  bool is_zero(const std::vector<Structure>& structures) const;
  // Sum over all neurons of |y|^2, for one structure and kind; y is clamped as in the sketch.
  double energy(size_t structure, VectorKind kind) const;

  // Set before anything is added: sketches with soft tags stay zero, which takes half of the time.
  bool hard_only = false;
  uint64_t weights = 0;     // read, including those of skipped units
  uint64_t bytes = 0;       // read from files
  uint64_t skipped = 0;     // units
  uint64_t not_finite = 0;  // units, of those skipped

 private:
  friend class SketchWorker;
  friend struct SketchNumbers;
  std::vector<PerKind<int64_t>> energies_;  // by structure; in units of 1 / kEnergyUnit
  static size_t index(size_t structure, TagRule rule) {
    return kTagRules.size() * structure + static_cast<size_t>(rule);
  }
  std::vector<Sketch> sketches_;
};

// Adds blocks to sketches. Holds one worker's buffers.
class SketchWorker {
 public:
  // Adds all units of the block to `out`, and to `exchanged`, if it is not null, the same units
  // with gate and up exchanged.
  void absorb(const Projector& projector, const UnitBytes& block, SketchSet& out,
              SketchSet* exchanged = nullptr);
  // Adds the units of a panel, and clamps its coordinates. Counts no weights.
  void absorb(const Projector& projector, Panel& panel, SketchSet& out);

 private:
  Projector::Scratch scratch_;
  TagProduct multiplier_;
  std::vector<float> tags_, product_;
  Panel panel_;
};

}  // namespace wmk::embed
