// What BLAS and LAPACK do with one tile of a matrix: a factor, products and triangular systems.
//
// Purpose: one name for floats and doubles. Matrices are row-major; `distance` is that between rows
// as stored. Thread-safety: pure functions, on the caller's thread.
#pragma once

#include "stats/gemm.h"

namespace wmk::stats {

template <class T>
struct Tile {
  const T* values;
  int distance;
};

// A = U^T U for the upper triangle of A (n x n), which U replaces; false if A is not positive
// definite.
bool factor_tile(double* a, int n, int distance);
bool factor_tile(float* a, int n, int distance);

// C (m x n) += sign op(A) B, with k rows of B.
void add_tile_product(double sign, Op op, int m, int n, int k, Tile<double> a, Tile<double> b,
                      double* c, int ldc);
void add_tile_product(double sign, Op op, int m, int n, int k, Tile<float> a, Tile<float> b,
                      float* c, int ldc);

// B (m x n) <- op(U)^-1 B.
void solve_tile(Op op, int m, int n, Tile<double> u, double* b, int ldb);
void solve_tile(Op op, int m, int n, Tile<float> u, float* b, int ldb);

// B (m x n) <- U^T B.
void multiply_tile(int m, int n, Tile<double> u, double* b, int ldb);
void multiply_tile(int m, int n, Tile<float> u, float* b, int ldb);

}  // namespace wmk::stats
