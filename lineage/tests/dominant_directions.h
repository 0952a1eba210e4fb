// The directions that most rows of a matrix share, removed before neurons are matched.
//
// Purpose: because of them unrelated neurons would choose the same few partners; without them
// coincidences follow chance (specs/lineage.md 6). Lifetime: owns its numbers. Thread-safety:
// immutable once made.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

struct DominantDirections {
  static constexpr size_t kDirections = 4;

  size_t width = 0;
  std::vector<float> mean;        // of the normalised rows; empty: not subtracted
  std::vector<float> directions;  // none, or kDirections orthonormal rows, the last may be 0

  // From a sample of rows. Only gate rows are centred: the mean of up rows and down columns changes
  // with sign flips, the directions do not.
  static DominantDirections find(std::span<const float> rows, size_t width, bool centred);
  // Normalises each row, subtracts mean and directions, normalises again. Rows that are 0 or not
  // finite become 0.
  void remove(std::span<float> rows) const;
};

}  // namespace wmk::lineage
