// The functions of LAPACK that OpenBLAS brings with it.
//
// Purpose: some builds of OpenBLAS lack them; then the pointers are null, and callers take Eigen.
// Arguments are those of Fortran: pointers, column-major matrices. Thread-safety: calls may run
// concurrently.
#pragma once

#define WMK_LAPACK __attribute__((weak)) void

extern "C" {
// NOLINTBEGIN(readability-identifier-naming)
// Cholesky factors.
WMK_LAPACK dpotrf_(const char* uplo, const int* n, double* a, const int* lda, int* info);
WMK_LAPACK spotrf_(const char* uplo, const int* n, float* a, const int* lda, int* info);
// Eigenvalues of a symmetric matrix, and its eigenvectors in its place.
WMK_LAPACK dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda,
                   double* w, double* work, const int* lwork, int* iwork, const int* liwork,
                   int* info);
// A = Q T Q^T, T tridiagonal.
WMK_LAPACK dsytrd_(const char* uplo, const int* n, double* a, const int* lda, double* d, double* e,
                   double* tau, double* work, const int* lwork, int* info);
// Products with Q.
WMK_LAPACK dormtr_(const char* side, const char* uplo, const char* trans, const int* m,
                   const int* n, const double* a, const int* lda, const double* tau, double* c,
                   const int* ldc, double* work, const int* lwork, int* info);
// Eigenvalues of T; some of its eigenvectors.
WMK_LAPACK dsterf_(const int* n, double* d, double* e, int* info);
WMK_LAPACK dstemr_(const char* jobz, const char* range, const int* n, double* d, double* e,
                   const double* vl, const double* vu, const int* il, const int* iu, int* m,
                   double* w, double* z, const int* ldz, const int* nzc, int* isuppz, int* tryrac,
                   double* work, const int* lwork, int* iwork, const int* liwork, int* info);
// NOLINTEND(readability-identifier-naming)
}

#undef WMK_LAPACK
