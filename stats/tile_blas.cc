#include "stats/tile_blas.h"

#include <cblas.h>

#include <Eigen/Cholesky>

#include "stats/lapack.h"

namespace wmk::stats {

namespace {

void potrf(const int* n, double* a, const int* lda, int* info) { dpotrf_("L", n, a, lda, info); }
void potrf(const int* n, float* a, const int* lda, int* info) { spotrf_("L", n, a, lda, info); }
bool has_potrf(const double*) { return dpotrf_ != nullptr; }
bool has_potrf(const float*) { return spotrf_ != nullptr; }

// The upper triangle of a row-major matrix is the lower one of a column-major matrix.
template <class T>
bool factor_in_place(T* a, int n, int distance) {
  if (has_potrf(a)) {
    int info = 0;
    potrf(&n, a, &distance, &info);
    return info == 0;
  }
  using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
  using Stride = Eigen::OuterStride<>;
  Eigen::Map<Matrix, 0, Stride> mapped(a, n, n, Stride(distance));
  const Eigen::LLT<Eigen::Ref<Matrix, 0, Stride>, Eigen::Lower> in_place(mapped);
  return in_place.info() == Eigen::Success;
}

CBLAS_TRANSPOSE blas_op(Op op) { return op == Op::transposed ? CblasTrans : CblasNoTrans; }

}  // namespace

bool factor_tile(double* a, int n, int distance) { return factor_in_place(a, n, distance); }
bool factor_tile(float* a, int n, int distance) { return factor_in_place(a, n, distance); }

void add_tile_product(double sign, Op op, int m, int n, int k, Tile<double> a, Tile<double> b,
                      double* c, int ldc) {
  cblas_dgemm(CblasRowMajor, blas_op(op), CblasNoTrans, m, n, k, sign, a.values, a.distance,
              b.values, b.distance, 1.0, c, ldc);
}
void add_tile_product(double sign, Op op, int m, int n, int k, Tile<float> a, Tile<float> b,
                      float* c, int ldc) {
  cblas_sgemm(CblasRowMajor, blas_op(op), CblasNoTrans, m, n, k, static_cast<float>(sign), a.values,
              a.distance, b.values, b.distance, 1.0f, c, ldc);
}

void solve_tile(Op op, int m, int n, Tile<double> u, double* b, int ldb) {
  cblas_dtrsm(CblasRowMajor, CblasLeft, CblasUpper, blas_op(op), CblasNonUnit, m, n, 1.0, u.values,
              u.distance, b, ldb);
}
void solve_tile(Op op, int m, int n, Tile<float> u, float* b, int ldb) {
  cblas_strsm(CblasRowMajor, CblasLeft, CblasUpper, blas_op(op), CblasNonUnit, m, n, 1.0f, u.values,
              u.distance, b, ldb);
}

void multiply_tile(int m, int n, Tile<double> u, double* b, int ldb) {
  cblas_dtrmm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, m, n, 1.0, u.values,
              u.distance, b, ldb);
}
void multiply_tile(int m, int n, Tile<float> u, float* b, int ldb) {
  cblas_strmm(CblasRowMajor, CblasLeft, CblasUpper, CblasTrans, CblasNonUnit, m, n, 1.0f, u.values,
              u.distance, b, ldb);
}

}  // namespace wmk::stats
