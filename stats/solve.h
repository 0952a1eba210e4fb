// Systems of linear equations.
//
// Thread-safety: pure functions. Matrices are row-major.
#pragma once

#include <span>
#include <vector>

namespace wmk::stats {

// x of M x = y for a symmetric positive semidefinite M of y.size() x y.size(), by LDL^T (Eigen).
std::vector<double> solve_positive(std::span<const double> matrix, std::span<const double> y);

}  // namespace wmk::stats
