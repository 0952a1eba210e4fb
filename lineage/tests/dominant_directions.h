// Directions that the rows of a matrix share, taken out before neurons are matched.
//
// Purpose: shared dominant directions make unrelated neurons choose the same few partners; without
// them coincidences are what chance gives (specs/lineage.md 6). Lifetime: owns its numbers.
// Thread-safety: immutable once made.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

struct Hubs {
  static constexpr size_t kDirections = 4;

  size_t width = 0;
  std::vector<float> mean;  // of the normalised rows; empty: not subtracted
  std::vector<float>
      directions;  // kDirections orthonormal rows (zero where there are fewer) or none

  // From a sample of rows. The mean is for gate rows only: that of up rows and down columns is not
  // the same after sign flips, while the directions are.
  static Hubs find(std::span<const float> rows, size_t width, bool centred);
  // Normalises each row, takes mean and directions out, normalises again. Rows that are dead or not
  // finite become zero.
  void remove(std::span<float> rows) const;
};

}  // namespace wmk::lineage
