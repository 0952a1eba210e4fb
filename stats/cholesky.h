// Cholesky factors of large symmetric matrices, in place.
//
// Thread-safety: pure functions, on the caller's thread. Matrices are row-major.
#pragma once

#include <cstddef>

namespace wmk::stats {

// A + ridge I = U^T U for a symmetric positive semidefinite A of n x n; U replaces the upper
// triangle of A, the lower one is overwritten. The ridge starts at `part` of the mean of the
// diagonal and grows tenfold while the factors do not exist. Returns the ridge, or a negative
// number where the diagonal is zero or not finite.
double factor_with_ridge(double* a, size_t n, double part);
double factor_with_ridge(float* a, size_t n, double part);

// X of (U^T U) X = B, B of n x `columns`, in place.
void solve_factored(const double* u, size_t n, size_t columns, double* b);
void solve_factored(const float* u, size_t n, size_t columns, float* b);

// Entries [first, first + count) of the diagonal of (U^T U)^-1. They cost a sixth of what solving
// for columns of the unit matrix does.
void inverse_diagonal(const float* u, size_t n, size_t first, size_t count, float* out);

}  // namespace wmk::stats
