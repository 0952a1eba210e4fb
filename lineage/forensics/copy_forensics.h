// T7: how do two models differ that share their coordinates? (specs/lineage.md 11)
//
// Purpose: describes, never scores: stored values that are equal to the bit, what is left when the
// reference is scaled and taken away, whether that is equally large everywhere (noise was added) or
// of low rank (an adapter was merged). Lifetime: values. Thread-safety: brings its own workers.
#pragma once

#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// One pair of matrices, by a block of rows.
struct MatrixDifference {
  double equal = 0, equal_shifted = 0;  // share of equal values; with the next column
  double scale = 0;                     // a of B = a A + rest
  double rest = 0, size = 0;            // root mean squares of the rest, and of A
  double rank = 0, rows = 0;            // effective rank of B - A, of so many rows
};
MatrixDifference difference(std::span<const float> suspect, std::span<const float> reference,
                            size_t width);

Result<TestResult> copy_forensics(const Pair& pair, const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
