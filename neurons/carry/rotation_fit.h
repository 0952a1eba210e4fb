// The rotation that turns rows of one model into the rows of another (Procrustes).
//
// Lifetime: plain values. Thread-safety: pure functions that start their own workers.
#pragma once

#include "neurons/rows/neuron_rows.h"
#include "stats/symmetric_tiles.h"

namespace wmk::neurons {

// Sums over pairs of rows, s of the suspect and r of the release.
class PairMoments {
 public:
  PairMoments(size_t suspect_width, size_t release_width);
  // Rows with the same number are pairs.
  void add(const Rows& suspect, const Rows& release, unsigned threads);

  // O (suspect width x release width): the partial isometry with s ~ O r. Directions of which the
  // pairs say nothing are left out. `rough`: above a width of 1,024 only the least squares fit,
  // which is enough to find the nearest row. The sums are used up.
  enum class Precision { full, rough };
  std::vector<float> isometry(Precision precision, unsigned threads) &&;

 private:
  void divide_by_own(unsigned threads);

  size_t suspect_width_, release_width_;
  bool is_exact_;                     // by eigendecomposition
  std::vector<float> cross_;          // sum of s r^T
  stats::SymmetricTiles<float> own_;  // sum of r r^T; empty if is_exact_
};

}  // namespace wmk::neurons
