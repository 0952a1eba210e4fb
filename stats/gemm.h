// Dense matrix products.
//
// Purpose: C = op(A) op(B) + beta C on row-major arrays, by OpenBLAS, which selects its kernel for
// the machine at run time. Each call runs on the caller's thread. The result of one row does not
// depend on the number of rows in the call. Thread-safety: calls may run concurrently.
#pragma once

#include <cstddef>
#include <string>

namespace wmk::stats {

enum class Op { plain, transposed };

// Shapes: op(A) m x k, op(B) k x n, C m x n. `lda` is the distance between rows of A as
// stored.
void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float beta, float* c, size_t ldc);
void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const double* a, size_t lda,
          const double* b, size_t ldb, double beta, double* c, size_t ldc);

// The library and the kernel that it selected, in words.
std::string gemm_library();

}  // namespace wmk::stats
