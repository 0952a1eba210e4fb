// Coordinates of a panel of units whose vectors may have any magnitude (specs/careful.md 1).
//
// Purpose: the fast projection squares entries in single precision. Units whose norms come near its
// limits, or whose norm weights do, are projected again without their powers of two. Lifetime:
// refers to the projector and anatomy. Thread-safety: belongs to one worker.
#pragma once

#include <vector>

#include "embed/read/coordinates.h"
#include "neurons/careful/vector_source.h"

namespace wmk::embed {

class CarefulPanels {
 public:
  CarefulPanels(const checkpoint::Anatomy& anatomy, const Projector& projector);

  // Reads a block, or takes its coordinates from the memo.
  Status read(const checkpoint::Checkpoint& checkpoint, const checkpoint::UnitBlock& part,
              const ScanMemo& memo, UnitBytes& block) const;
  // As Projector::project. Appends the lengths of the units' vectors to `scales`.
  void project(const UnitBytes& block, uint64_t first, uint64_t count, Panel& out,
               PerKind<std::vector<neurons::RowScale>>& scales);

 private:
  bool is_tame(size_t group, VectorKind kind) const;
  bool may_take(const UnitBytes& block) const;
  void project_again(const UnitBytes& block, VectorKind kind, uint64_t first,
                     const std::vector<uint32_t>& units, Panel& out, neurons::RowScale* scales);

  const checkpoint::Anatomy& anatomy_;
  const Projector& projector_;
  std::vector<bool> tame_weights_;  // by norm weight of the anatomy
  Projector::Scratch scratch_;
  std::vector<double> wide_;
  std::vector<float> rows_, y_;
};

}  // namespace wmk::embed
