// The closest matrix with orthonormal rows, by products alone (Newton-Schulz).
//
// Thread-safety: pure function with workers of its own; the same bits for any number of them.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"

namespace wmk::stats {

// U of M = P U for M of rows x columns, row-major, rows <= columns. Directions whose singular value
// is below about 2e-4 of the norm are not stretched all the way to 1. On matrix tiles directions
// are off by up to 1 % (rounding to bf16 in all steps but the last two), lengths by 1e-5.
std::vector<float> polar_factor(std::span<const float> matrix, size_t rows, size_t columns,
                                unsigned threads);

}  // namespace wmk::stats
