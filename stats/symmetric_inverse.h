// The inverse of a large symmetric positive semidefinite matrix on the span of its largest
// eigenvectors.
//
// Purpose: the matrix is reduced to a tridiagonal one in its own memory; its eigenvectors are never
// multiplied out. Lifetime: owns the reduced matrix. Thread-safety: immutable once made; runs on
// the caller's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace wmk::stats {

class SymmetricInverse {
 public:
  // `matrix`: n x n, both triangles, finite. nullopt if the decomposition fails.
  static std::optional<SymmetricInverse> of(std::vector<double> matrix, size_t n);

  size_t size() const { return n_; }
  // Descending.
  const std::vector<double>& values() const { return values_; }
  // B <- sum over the `rank` largest eigenvalues of v v^T B / value, B of n x `columns`, row-major.
  // Where rank x n numbers would take more than 400 MB, all eigenvalues count, each enlarged by
  // 1e-9 of the largest (or more, where rounding made some negative). Values that are not positive
  // are left out. False if that fails.
  bool apply(size_t rank, size_t columns, std::vector<double>& b) const;

 private:
  explicit SymmetricInverse(size_t n) : n_(n) {}
  bool reduce();
  bool decompose();
  bool multiply_by_q(bool transposed, size_t columns, std::vector<double>& b) const;
  bool top_vectors(size_t rank, std::vector<double>& vectors) const;
  void solve_tridiagonal(size_t columns, std::vector<double>& b) const;

  size_t n_;
  std::vector<double> matrix_;  // reflectors; without LAPACK eigenvectors, ascending, as rows
  std::vector<double> diagonal_, beside_, tau_;
  std::vector<double> values_;
};

}  // namespace wmk::stats
