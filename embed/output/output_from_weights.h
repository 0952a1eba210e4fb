// The output head read from weights (specs/output.md 3).
//
// Thread-safety: one caller; starts its own workers; the result is the same for any number of them.
#pragma once

#include "base/progress.h"
#include "embed/output/column_scale.h"
#include "embed/output/output_head.h"
#include "embed/output/output_sums.h"
#include "stats/symmetric_tiles.h"

namespace wmk::embed {

// What inverts the second moment of a head: A = U^T U of its columns, centred and scaled.
struct HeadInverse {
  ColumnScale scale;
  stats::SymmetricTiles<float> factor{0};  // U
};

// The projector onto the span of the head's centred columns, and what it says about the carriers.
// `carriers` has one entry for each row of the head. Costs rows x width^2 operations and half of
// width^2 numbers of memory. Rows that are not finite count as zero. `inverse`, if given, is set.
// Errors: reading; a head that is constant.
Result<OutputReading> read_output_weights(const checkpoint::Checkpoint& checkpoint,
                                          const OutputHead& head, const OutputCarriers& carriers,
                                          unsigned threads, Progress* progress,
                                          HeadInverse* inverse = nullptr);

}  // namespace wmk::embed
