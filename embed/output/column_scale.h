// Mean and scale of the columns of a head.
//
// Purpose: columns are centred and divided by a power of two near their length, so that no scale of
// a column can overflow; the span is the same. Thread-safety: pure functions; start workers.
#pragma once

#include "embed/output/head_rows.h"

namespace wmk::embed {

struct ColumnScale {
  std::vector<float> mean, factor;  // width each; factor 0: a column without any change

  // Centres and scales one row in place.
  void apply(float* row) const;
};

Result<ColumnScale> column_scale(const HeadRows& rows, unsigned threads);

// Reads rows [first, first + count) and applies `scale`; rows that are not finite become zero.
Status read_scaled(const HeadRows& rows, uint64_t first, uint64_t count, const ColumnScale& scale,
                   Bytes& raw, std::vector<uint8_t>& finite, float* out);

}  // namespace wmk::embed
