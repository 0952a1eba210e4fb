// T7: how do two models with the same coordinates differ? (specs/lineage.md 11)
//
// Purpose: describes, never scores. How many stored values are identical; what remains after the
// scaled reference is subtracted; whether that is equally large everywhere (noise was added) or of
// low rank (an adapter was merged). Lifetime: values. Thread-safety: brings its own workers.
#pragma once

#include "lineage/evidence.h"
#include "lineage/model/model_pair.h"

namespace wmk::lineage {

// The difference of two matrices, in some of their rows.
struct MatrixDifference {
  double equal = 0, equal_shifted = 0;  // share of equal values; with the next column
  double scale = 0;                     // a of B = a A + rest
  double rest = 0, size = 0;            // root mean squares of the rest and of A
  double rank = 0, rows = 0;            // effective rank of B - A, number of rows
  // Share of values that were removed from one model: 0 in it and not in the other.
  double pruned_suspect = 0, pruned_reference = 0;
};
MatrixDifference difference(std::span<const float> suspect, std::span<const float> reference,
                            size_t width);

Result<TestResult> copy_forensics(const ModelPair& pair, const std::vector<LayerPair>& layers);

}  // namespace wmk::lineage
