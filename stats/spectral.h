// Spectral functions of small matrices, by symmetric eigendecomposition.
//
// Thread-safety: pure functions. Matrices are row-major.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace wmk::stats {

// (G G^T)^(-1/2) G for G of `rows` x `columns`, rows <= columns: the closest matrix with
// orthonormal rows. nullopt if the condition number of G G^T is above `condition_max`.
std::optional<std::vector<double>> orthonormal_rows(std::span<const double> matrix, size_t rows,
                                                    size_t columns, double condition_max);

// U min(S, factor * median(S)) W^T of V = U S W^T, V of `rows` x `columns`, rows <= columns. The
// median of an even count is the lower of the two middle values, as in the Python implementation.
std::vector<double> clip_singular_values(std::span<const double> matrix, size_t rows,
                                         size_t columns, double factor);

// U W^T of M = U S W^T, M of `rows` x `columns`, rows <= columns: the closest partial isometry.
// Directions with singular values up to 1e-5 of the largest are left out.
std::vector<double> partial_isometry(std::span<const double> matrix, size_t rows, size_t columns);

// Eigenvalues of a symmetric matrix, ascending, and its eigenvectors as rows; not found where the
// matrix is not finite.
struct Eigenpairs {
  std::vector<double> values, vectors;
  bool are_found = true;
};
Eigenpairs eigenpairs(std::span<const double> symmetric, size_t n);

// Whether all eigenvalues of a symmetric matrix are above zero.
bool is_positive_definite(std::span<const double> symmetric, size_t n);

// Singular values of a matrix of `rows` x `columns`, rows <= columns, in descending order.
std::vector<double> singular_values(std::span<const double> matrix, size_t rows, size_t columns);

}  // namespace wmk::stats
