// The closest matrix with orthonormal rows, by matrix products only (Newton-Schulz iteration).
//
// Thread-safety: pure function that starts its own workers; identical results for any number.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"

namespace wmk::stats {

// U of M = P U for M of rows x columns, row-major, rows <= columns. Singular values below about
// 2e-4 of the norm do not converge to 1. On matrix tiles (row_products.h) directions have errors of
// up to 1 %, from rounding to bf16 in all steps except the last one, and lengths of 1e-5.
// `near`: half of the time, for a matrix of which most singular values are above a tenth of the
// largest and none is much above 1: those below about a fiftieth do not converge.
enum class PolarEffort { full, near };
std::vector<float> polar_factor(std::vector<float> matrix, size_t rows, size_t columns,
                                unsigned threads, PolarEffort effort = PolarEffort::full);

}  // namespace wmk::stats
