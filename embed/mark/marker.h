// The marker: adds a mark to blocks of units in memory (specs/mark.md 5).
//
// Lifetime: refers to its checkpoint, anatomy, projector and rounding key. Thread-safety: a Marker
// is immutable; a Marker::Worker belongs to one thread.
#pragma once

#include <string>
#include <vector>

#include "embed/mark/back_projection.h"
#include "embed/read/coordinates.h"
#include "embed/scheme/change.h"

namespace wmk::embed {

// The signs to embed in one structure: m x r for each kind of vector, +1, -1 or 0.
using Carriers = PerKind<WipedVector<float>>;

class Marker {
 public:
  // `carriers`: one for each of the projector's structures; `strength`: eps of each structure.
  // `rounding_key` is the owner's S_0.
  Marker(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
         const Projector& projector, std::vector<Carriers> carriers, double strength,
         const crypto::SecretBytes& rounding_key);

  class Worker {
   public:
    // Changes the block's bytes in place.
    void mark(const Marker& marker, UnitBytes& block, Change& change);

   private:
    void change_coordinates(const Marker& marker, Change& change);
    void multiply_by_carriers(const Marker& marker, size_t structure, VectorKind kind, float* out);
    void size_steps(const Marker& marker, VectorKind kind, Change& change);
    void apply(const Marker& marker, UnitBytes& block, VectorKind kind, uint64_t first,
               Change& change);

    Panel panel_;
    PerKind<std::vector<float>> change_;  // columns x units, in whole steps
    PerKind<std::vector<float>> step_;    // size of one step for each unit; 0 if skipped
    Projector::Scratch scratch_;
    BackProjection::Packed packed_;
    stats::RightOperand packed_tags_;
    std::vector<float> tags_, delta_;
  };

 private:
  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  const Projector& projector_;
  BackProjection back_;
  std::vector<Carriers> carriers_;
  std::vector<PerKind<stats::LeftOperand>> carrier_tiles_;  // transposed: r x m
  double strength_;
  const crypto::SecretBytes& rounding_key_;
  // 1 / norm weight, or 0 where that is too small to carry a change; by index of
  // Anatomy::norm_weights.
  std::vector<std::vector<float>> inverse_norm_weights_;
};

}  // namespace wmk::embed
