// The marker: adds a mark to blocks of units in memory (specs/mark.md 5).
//
// Lifetime: refers to its structures and anatomy. Thread-safety: a Marker is immutable; a MarkWorker
// belongs to one thread.
#pragma once

#include <vector>

#include "embed/coordinates.h"

namespace wmk::embed {

// One structure to be marked in, with its strength and the signs of its carriers.
struct MarkLayer {
  double strength = 0;                  // eps of this layer alone
  PerKind<std::vector<float>> carriers;  // m x r, +1, -1 or 0
};

// How much a mark changed: sums over the vectors of present units, in folded form.
struct Change {
  double difference_squared = 0;  // of what was asked for, before rounding
  double norm_squared = 0;
  uint64_t units = 0;
  uint64_t absent = 0;
  uint64_t not_finite = 0;

  Change& operator+=(const Change& other);
  // ||delta w|| / ||w||.
  double relative() const;
};

class Marker {
 public:
  // One layer for each of the projector's structures. `rounding_key` is S_0 of the owner.
  Marker(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
         const Projector& projector, std::vector<MarkLayer> layers,
         const crypto::SecretBytes& rounding_key);

  class Worker {
   public:
    // Changes the block's bytes in place.
    void mark(const Marker& marker, UnitBytes& block, Change& change);

   private:
    void change_coordinates(const Marker& marker, Change& change);
    void apply(const Marker& marker, UnitBytes& block, Kind kind, uint64_t first);

    Panel panel_;
    PerKind<std::vector<float>> change_;  // units x columns
    std::vector<float> scratch_, tags_, delta_;
  };

 private:
  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  const Projector& projector_;
  std::vector<MarkLayer> layers_;
  const crypto::SecretBytes& rounding_key_;
  // 1 / gain, 0 where the gain is too small to carry a change; by index of Anatomy::gains.
  std::vector<std::vector<float>> inverse_gains_;
};

}  // namespace wmk::embed
