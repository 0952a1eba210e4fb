// Coordinates of units in secret frames (specs/mark.md 1, 6).
//
// Purpose: a Projector stacks the frames of all structures, so that a block of weights is read,
// widened and multiplied once. A panel has at most kPanelUnits units; later steps work on panels.
// Lifetime: a Projector refers to its structures and anatomy. Thread-safety: a Projector is
// immutable; a Panel belongs to one worker.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "embed/read/bf16_projection.h"
#include "embed/read/unit_bytes.h"
#include "embed/scheme/structure.h"

namespace wmk::embed {

struct Panel {
  size_t units = 0;
  size_t columns = 0;
  bool gated = true;
  PerKind<std::vector<float>> y;  // columns x units; 0 for skipped units
  PerKind<std::vector<float>> n;  // ||w|| / sqrt(d)
  std::vector<float> present;     // 1, or 0 for a unit that is skipped: norm zero or not finite
  size_t skipped = 0;
  size_t not_finite = 0;  // of those skipped

  bool has(VectorKind kind) const { return has_vector(kind, gated); }
};

class Projector {
 public:
  Projector(const checkpoint::Anatomy& anatomy, const std::vector<Structure>& structures);

  const std::vector<Structure>& structures() const { return structures_; }
  size_t columns() const { return columns_; }
  // First column of a structure's coordinates, and of the coordinates that its tags are read from.
  size_t column(size_t structure) const { return first_[structure]; }
  size_t tag_column(size_t structure) const { return tag_first_[structure]; }
  // The stacked frames, columns() x width, row-major.
  const std::vector<float>& frames() const { return frames_; }
  size_t width() const { return width_; }

  // One worker's working memory.
  struct Scratch {
    std::vector<float> weights;
    Bf16Scratch bf16;
  };
  // Computes the coordinates of units [first, first + count) of the block; panels of a block whose
  // coordinates are to be kept come in order.
  void project(const UnitBytes& block, uint64_t first, uint64_t count, Scratch& scratch,
               Panel& out) const;

 private:
  void project_kind(const UnitBytes& block, VectorKind kind, uint64_t first, Scratch& scratch,
                    Panel& out) const;
  void compute_kind(const UnitBytes& block, VectorKind kind, uint64_t first, Scratch& scratch,
                    Panel& out) const;

  const checkpoint::Anatomy& anatomy_;
  const std::vector<Structure>& structures_;
  size_t width_;
  size_t columns_ = 0;
  std::vector<size_t> first_, tag_first_;
  std::vector<float> frames_;
  std::vector<float> unit_weight_;
};

}  // namespace wmk::embed
