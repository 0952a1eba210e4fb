// Second moments of rows, by products in bf16.
//
// Thread-safety: pure functions that start their own workers; the same result for any number.
#pragma once

#include <cstddef>

namespace wmk::stats {

// Adds R^T R of rows R (count x width), rounded to bf16, to the lower triangle of `sum` (width x
// width).
void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        float* sum);
// Copies the lower triangle of a width x width matrix to the upper one.
void mirror_lower(size_t width, float* matrix);

}  // namespace wmk::stats
