// What can be written into a residual stream.
//
// Purpose: rows that read may hold anything in directions that nothing writes to; such directions
// must not take part in a comparison. Thread-safety: starts its own workers; the same result for
// any number of them.
#pragma once

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// Directions whose part of the second moment is below this part of the largest, or below this many
// times what rounding to the stored type writes to every direction, count as not written.
inline constexpr double kWrittenMin = 1e-6;
inline constexpr double kRoundingMin = 8;

// An orthonormal basis (rows) of the span of centred token rows and down columns; none (count 0):
// they span everything. Errors: reading.
Result<Rows> written_span(const Model& model, unsigned threads);

}  // namespace wmk::neurons
