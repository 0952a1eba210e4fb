// A large symmetric matrix, held as the square tiles on and above its diagonal.
//
// Purpose: second moments of wide rows and linear systems with them, in half of the memory of a
// square. Lifetime: owns its tiles. Thread-safety: one caller at a time; const members may run
// concurrently. Functions that take `threads` start their own workers, and their result is the same
// for any number of them. Defined for float and double.
#pragma once

#include <cstddef>
#include <vector>

namespace wmk::stats {

template <class T>
class SymmetricTiles {
 public:
  explicit SymmetricTiles(size_t n);
  template <class Other>
  explicit SymmetricTiles(const SymmetricTiles<Other>& other);

  size_t size() const { return n_; }
  bool operator==(const SymmetricTiles&) const = default;
  // Entry of the matrix, or of U once factored; i <= j.
  T& at(size_t i, size_t j) { return tiles_[place(i, j)]; }
  const T& at(size_t i, size_t j) const { return tiles_[place(i, j)]; }

  // Adds R^T R of `count` rows of n floats.
  void add_moment(const float* rows, size_t count, unsigned threads);
  // Adds `count` numbers to those of row `i` of the lower triangle, from column 0; count <= i + 1.
  void add_lower_row(size_t i, const float* values, size_t count);
  // Subtracts v v^T / divisor, v of n numbers.
  void subtract_square(const std::vector<double>& v, double divisor);

  // This + ridge I = U^T U (Cholesky) for a positive semidefinite matrix; U takes its place. The
  // ridge starts at `part` of the mean of the diagonal and grows tenfold while the factors do not
  // exist. Returns the ridge, or a negative number where the diagonal is zero or not finite.
  double factor(double part, unsigned threads);
  // Once factored: X of (U^T U) X = B, B of n x `columns`, row-major, in place.
  void solve(size_t columns, T* b) const;
  // Once factored: the diagonal of (U^T U)^-1. Costs a sixth of solving for the unit matrix.
  std::vector<T> inverse_diagonal(unsigned threads) const;

 private:
  template <class Other>
  friend class SymmetricTiles;

  T* tile(size_t i, size_t j) { return &tiles_[number(i, j) * side_ * side_]; }
  const T* tile(size_t i, size_t j) const { return &tiles_[number(i, j) * side_ * side_]; }
  size_t number(size_t i, size_t j) const { return i * (2 * count_ - i + 1) / 2 + j - i; }
  size_t place(size_t i, size_t j) const {
    return (number(i / side_, j / side_) * side_ + i % side_) * side_ + j % side_;
  }
  size_t height(size_t i) const { return i + 1 < count_ ? side_ : n_ - i * side_; }

  void add_rows_above(size_t i, double sign, unsigned threads);
  bool factor_row(size_t i, unsigned threads);
  void restore_row(size_t i, unsigned threads);
  void substitute(size_t first, size_t columns, T* b) const;

  size_t n_, side_, count_;  // tiles in a row
  std::vector<T> tiles_;     // row by row of tiles, each row-major
};

}  // namespace wmk::stats
