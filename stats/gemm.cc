#include "stats/gemm.h"

#include <cblas.h>

#include <mutex>

// The function by which OpenBLAS ends its threads before a fork; not in its header.
extern "C" __attribute__((weak)) int blas_thread_shutdown_();

namespace wmk::stats {

namespace {

CBLAS_TRANSPOSE blas(Op op) { return op == Op::plain ? CblasNoTrans : CblasTrans; }
int extent(size_t value) { return static_cast<int>(value); }

// OpenBLAS starts threads when it is loaded, and each of them spins for a tenth of a second before
// it sleeps. They are ended before `main` begins; only the caller's threads compute.
bool take_over_threads() {
  openblas_set_num_threads(1);
  if (blas_thread_shutdown_ != nullptr) blas_thread_shutdown_();
  return openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
}
const bool kIsSerial = take_over_threads();

// Held during a product: a library that was built without threads has no locks either
// (cmake/openblas.cmake), so its calls must not overlap.
std::unique_lock<std::mutex> lock_if_serial() {
  static std::mutex mutex;
  return kIsSerial ? std::unique_lock(mutex) : std::unique_lock(mutex, std::defer_lock);
}

}  // namespace

std::string gemm_library() {
  const std::string config = openblas_get_config();  // "OpenBLAS 0.3.21 NO_LAPACKE ... MAX_..."
  return config.substr(0, config.find(' ', config.find(' ') + 1)) + " (" + openblas_get_corename() +
         ")";
}

void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const float* a, size_t lda,
          const float* b, size_t ldb, float beta, float* c, size_t ldc) {
  const auto held = lock_if_serial();
  cblas_sgemm(CblasRowMajor, blas(op_a), blas(op_b), extent(m), extent(n), extent(k), 1.0f, a,
              extent(lda), b, extent(ldb), beta, c, extent(ldc));
}

void gemm(Op op_a, Op op_b, size_t m, size_t n, size_t k, const double* a, size_t lda,
          const double* b, size_t ldb, double beta, double* c, size_t ldc) {
  const auto held = lock_if_serial();
  cblas_dgemm(CblasRowMajor, blas(op_a), blas(op_b), extent(m), extent(n), extent(k), 1.0, a,
              extent(lda), b, extent(ldb), beta, c, extent(ldc));
}

}  // namespace wmk::stats
