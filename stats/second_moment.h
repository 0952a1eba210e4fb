// Second moments and other products of rows, summed over the rows, by products in bf16.
//
// Thread-safety: pure functions that start their own workers; the same result for any number.
#pragma once

#include <cstddef>

#include "stats/symmetric_tiles.h"

namespace wmk::stats {

// Adds R^T R of rows R (count x width), rounded to bf16, to the lower triangle of `sum` (width x
// width).
void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        float* sum);
void add_rounded_moment(const float* rows, size_t count, size_t width, unsigned threads,
                        SymmetricTiles<float>& sum);
// Adds L^T R (from x to) of rows L (count x from) and R (count x to), rounded to bf16, to `sum`.
void add_rounded_product(const float* left, size_t from, const float* right, size_t to,
                         size_t count, unsigned threads, float* sum);
// Copies the lower triangle of a width x width matrix to the upper one.
template <class T>  // float or double
void mirror_lower(size_t width, unsigned threads, T* matrix);

}  // namespace wmk::stats
