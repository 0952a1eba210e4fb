// Second moments of rows: what no rotation of the rows' space, order or sign changes.
//
// Thread-safety: pure functions that start their own workers; the same result for any number.
#pragma once

#include <span>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// Adds `weight` times R^T R / n of rows R (n x d) to `sum` (d x d), at least to its lower triangle.
void add_moment(const Rows& rows, double weight, unsigned threads, std::vector<double>& sum);

// The second moment of unit rows without its isotropic part, M - I / d, at length 1. Rows that were
// made anew are nearly isotropic, and drop out. From rows rounded to bf16.
std::vector<float> form_of(const Rows& rows, unsigned threads);

// e^T M e and |M e| for each row e (count x 2), row and form rounded to bf16. `form`: to multiply
// with M.
inline constexpr size_t kValuesOfForm = 2;
Rows values_under(const Products& form, const Rows& rows, unsigned threads);

// Adds left^T right (left.width x right.width) to `sum`: rows with the same number belong together.
void add_cross_moment(const Rows& left, const Rows& right, unsigned threads,
                      std::vector<float>& sum);

}  // namespace wmk::neurons
