// Rows of floats: their length, and their cosines with other rows.
//
// Thread-safety: pure functions; each task adds to its own sums.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace wmk::lineage {

// 0 if either side is 0.
double cosine(const float* a, const float* b, size_t count);

// Scales each row of `width` numbers to unit length. Rows that are 0 or not finite become 0.
void normalise_rows(std::span<float> rows, size_t width);

// The cosines of corresponding rows, and of neighbours as a control.
struct RowCosines {
  std::vector<double> x, shifted;  // by row

  explicit RowCosines(size_t count) : x(count), shifted(count) {}
  // Adds to x[i] the cosine of row i of `b` with row i of `a`, to shifted[i] that with the next row
  // of `a` (after the last comes the first).
  void add(const std::vector<float>& b, const std::vector<float>& a, size_t width);
};

}  // namespace wmk::lineage
