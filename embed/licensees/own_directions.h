// An output head read along the directions of each licensee (specs/output.md 4.6).
//
// Purpose: the other reading of a head asks how much of a direction's energy is the mark's, which
// falls with the square of its size. Whoever has the key knows the directions u of a licensee, so
// that the head's rows along them show the size itself: in a mean of K copies it falls as 1 / K.
// Lifetime: owns what it read, up to kSlotRowsBytes. Thread-safety: immutable; scores() starts its
// own workers, with the same result for any number of them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/progress.h"
#include "embed/output/output_from_weights.h"

namespace wmk::embed {

// A wide head is read along as many of the first directions as fit into this.
inline constexpr size_t kSlotRowsBytes = size_t{512} << 20;

class OwnDirections {
 public:
  // `carriers`: with those of the trace; `inverse`: that of the same head. Errors: reading.
  static Result<OwnDirections> read(const checkpoint::Checkpoint& checkpoint,
                                    const OutputHead& head, const OutputCarriers& carriers,
                                    HeadInverse inverse, unsigned threads);

  size_t pairs() const { return pairs_; }
  // z = <code, s> / ||s|| of each id, s of its own directions. `trace` is the key S_t.
  std::vector<double> scores(const crypto::SecretBytes& trace, std::span<const std::string> ids,
                             unsigned threads) const;

 private:
  OwnDirections() = default;
  void sum_rows(const OutputCarriers& carriers, uint64_t first, uint64_t count, const float* rows,
                unsigned threads);
  void score(const crypto::SecretBytes& trace, std::span<const std::string> ids, double* z) const;

  size_t pairs_ = 0, width_ = 0;
  stats::SymmetricTiles<float> inverse_{0};  // U of the head's moment U^T U
  std::vector<float> factor_;                // by column: of the scale; 0 in outlier columns
  std::vector<float> slot_rows_;             // by pair, by slot: the sum of c_p times the rows
};

// z of an untouched copy of a head of `rows`, whose mark has this many pairs.
double own_directions_expected_z(uint64_t rows, size_t pairs);

}  // namespace wmk::embed
