#include "stats/gemm.h"

#include <cblas.h>

namespace wmk::stats {

namespace {

CBLAS_TRANSPOSE blas(Op op) { return op == Op::plain ? CblasNoTrans : CblasTrans; }
int extent(size_t value) { return static_cast<int>(value); }

// Once, before the first product: the callers' threads are all there are.
void use_one_thread() {
  static const bool done = (openblas_set_num_threads(1), true);
  (void)done;
}

}  // namespace

void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float beta, float* c, size_t ldc) {
  use_one_thread();
  cblas_sgemm(CblasRowMajor, blas(op_a), blas(op_b), extent(m), extent(n), extent(k), 1.0f, a,
              extent(lda), b, extent(ldb), beta, c, extent(ldc));
}

void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const double* a, size_t lda,
          const double* b, size_t ldb, double beta, double* c, size_t ldc) {
  use_one_thread();
  cblas_dgemm(CblasRowMajor, blas(op_a), blas(op_b), extent(m), extent(n), extent(k), 1.0, a,
              extent(lda), b, extent(ldb), beta, c, extent(ldc));
}

}  // namespace wmk::stats
