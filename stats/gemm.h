// The one door to dense matrix products.
//
// Purpose: C = op(A) op(B) + beta C on row-major arrays, by OpenBLAS, which picks its kernel for
// the machine at run time. Serial: callers bring the threads. Results for one row do not depend on
// how many rows are asked for at once. Thread-safety: any number of calls at the same time.
#pragma once

#include <cstddef>

namespace wmk::stats {

enum class Op { plain, transposed };

// Shapes: op(A) m x k, op(B) k x n, C m x n. `lda` is the distance between stored rows of A.
void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float beta, float* c, size_t ldc);
void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const double* a, size_t lda,
          const double* b, size_t ldb, double beta, double* c, size_t ldc);

}  // namespace wmk::stats
