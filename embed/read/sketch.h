// Sketches: what a scan of the suspect leaves behind, V = sum of T^T y (specs/mark.md 6).
//
// Purpose: sums are exact fixed-point integers: additive across blocks, files, threads and machines
// in any order, to the same bits. Lifetime: a value. Thread-safety: one sketch, one worker; merge
// after.
#pragma once

#include <cstdint>
#include <vector>

#include "embed/read/tag_product.h"
#include "embed/read/tags.h"

namespace wmk::embed {

// One unit of V is this. A panel's sums are below 2^11, so 2^40 panels fit.
inline constexpr double kSketchUnit = 0x1p20;

// Of one structure and one tag rule: m x r for each kind.
class Sketch {
 public:
  explicit Sketch(const Structure& structure);

  // Adds V of one panel (m x r floats).
  void add(Kind kind, const std::vector<float>& v);
  void merge(const Sketch& other);
  // V as numbers.
  std::vector<double> matrix(Kind kind) const;
  const std::vector<int64_t>& sums(Kind kind) const { return sums_[kind]; }

 private:
  PerKind<std::vector<int64_t>> sums_;
};

// The sketches of all structures under both tag rules, and what was read for them.
class SketchSet {
 public:
  explicit SketchSet(const std::vector<Structure>& structures);

  const Sketch& at(size_t structure, TagRule rule) const {
    return sketches_[2 * structure + (rule == TagRule::soft ? 1 : 0)];
  }
  void merge(const SketchSet& other);

  uint64_t weights = 0;     // read, in vectors of present and absent units
  uint64_t bytes = 0;       // read from files
  uint64_t absent = 0;      // units
  uint64_t not_finite = 0;  // units among the absent

 private:
  friend class SketchWorker;
  std::vector<Sketch> sketches_;
};

// One worker's buffers.
class SketchWorker {
 public:
  // Adds all units of the block.
  void absorb(const Projector& projector, const UnitBytes& block, SketchSet& out);

 private:
  Projector::Scratch scratch_;
  TagProduct multiplier_;
  std::vector<float> tags_, product_;
  Panel panel_;
};

}  // namespace wmk::embed
