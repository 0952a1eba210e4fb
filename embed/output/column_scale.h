// Mean and scale of the columns of a head, and which rows are used.
//
// Purpose: columns are centred and divided by a power of two near their length, so that no scale of
// a column can overflow; the span is the same. Rows far longer than the others (a few unused tokens
// that were enlarged) would drown them in rounding: they are left out. Thread-safety: pure
// functions; start workers.
#pragma once

#include "embed/output/head_rows.h"

namespace wmk::embed {

// Rows longer than this many times the median, centred and scaled, are left out.
inline constexpr double kRowLengthMax = 100;

struct ColumnScale {
  std::vector<float> mean, factor;  // width each; factor 0: a column without any change
  std::vector<uint8_t> used;        // by row; 0: left out

  // Centres and scales one row in place.
  void apply(float* row) const;
};

// `used`: rows that are not used have 0; empty: all are.
Result<ColumnScale> column_scale(const HeadRows& rows, unsigned threads,
                                 std::vector<uint8_t> used = {});

// Reads rows [first, first + count) and applies `scale`; rows that are not finite, or left out,
// become zero.
Status read_scaled(const HeadRows& rows, uint64_t first, uint64_t count, const ColumnScale& scale,
                   Bytes& raw, std::vector<uint8_t>& finite, float* out);

}  // namespace wmk::embed
