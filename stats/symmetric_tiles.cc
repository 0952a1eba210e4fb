#include "stats/symmetric_tiles.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "stats/tile_blas.h"
#include "stats/tiled_product.h"

namespace wmk::stats {

namespace {

constexpr double kRidgeMax = 1;  // of the mean of the diagonal; a matrix + that always has factors

// Runs `work(j)` for j in [first, end).
template <class Work>
void for_tiles(size_t first, size_t end, unsigned threads, const Work& work) {
  (void)parallel_for(end - first, threads, [&](size_t i, unsigned) -> Status {
    work(first + i);
    return {};
  });
}

}  // namespace

template <class T>
SymmetricTiles<T>::SymmetricTiles(size_t n)
    : n_(n),
      side_(std::clamp<size_t>(n, 1, kProductTile)),
      count_((n + side_ - 1) / side_),
      tiles_(count_ * (count_ + 1) / 2 * side_ * side_) {}

template <class T>
template <class Other>
SymmetricTiles<T>::SymmetricTiles(const SymmetricTiles<Other>& other)
    : n_(other.n_),
      side_(other.side_),
      count_(other.count_),
      tiles_(other.tiles_.begin(), other.tiles_.end()) {}

template <class T>
void SymmetricTiles<T>::add_moment(const float* rows, size_t count, unsigned threads) {
  std::vector<std::vector<float>> buffers(std::max(1u, threads));
  (void)parallel_for(count_ * count_, threads, [&](size_t pair, unsigned w) -> Status {
    const size_t i = pair / count_, j = pair % count_;
    if (i > j) return {};
    add_product_tile(height(i), height(j), count, {Op::transposed, rows + i * side_, n_},
                     {Op::plain, rows + j * side_, n_}, buffers[w], tile(i, j), side_);
    return {};
  });
}

template <class T>
void SymmetricTiles<T>::add_lower_row(size_t i, const float* values, size_t count) {
  for (size_t first = 0; first < count; first += side_) {
    T* const column = tile(first / side_, i / side_) + i % side_;
    for (size_t j = first; j < std::min(first + side_, count); ++j) {
      column[(j - first) * side_] += values[j];
    }
  }
}

template <class T>
void SymmetricTiles<T>::subtract_square(const std::vector<double>& v, double divisor) {
  for (size_t i = 0; i < n_; ++i) {
    for (size_t j = i; j < n_; ++j) at(i, j) -= static_cast<T>(v[i] * v[j] / divisor);
  }
}

// Adds `sign` times what the rows of U above give to row `i` of tiles.
template <class T>
void SymmetricTiles<T>::add_rows_above(size_t i, double sign, unsigned threads) {
  const int side = static_cast<int>(side_), high = static_cast<int>(height(i));
  for_tiles(i, count_, threads, [&](size_t j) {
    for (size_t k = 0; k < i; ++k) {
      add_tile_product(sign, Op::transposed, high, static_cast<int>(height(j)), side,
                       {tile(k, i), side}, {tile(k, j), side}, tile(i, j), side);
    }
  });
}

// Row `i` of U from the rows above; false, and the row as it was, if there is none.
template <class T>
bool SymmetricTiles<T>::factor_row(size_t i, unsigned threads) {
  const int side = static_cast<int>(side_), high = static_cast<int>(height(i));
  add_rows_above(i, -1, threads);
  T* const corner = tile(i, i);
  const std::vector<T> kept(corner, corner + side_ * side_);
  if (!factor_tile(corner, high, side)) {
    std::copy(kept.begin(), kept.end(), corner);
    add_rows_above(i, 1, threads);
    return false;
  }
  for_tiles(i + 1, count_, threads, [&](size_t j) {
    solve_tile(Op::transposed, high, static_cast<int>(height(j)), {corner, side}, tile(i, j), side);
  });
  return true;
}

// Row `i` of the matrix from rows 0 to `i` of U: what factor_row() did is undone but for rounding.
template <class T>
void SymmetricTiles<T>::restore_row(size_t i, unsigned threads) {
  const int side = static_cast<int>(side_), high = static_cast<int>(height(i));
  T* const corner = tile(i, i);
  for_tiles(i + 1, count_, threads, [&](size_t j) {
    multiply_tile(high, static_cast<int>(height(j)), {corner, side}, tile(i, j), side);
  });
  for (size_t r = 0; r < height(i); ++r) std::fill_n(corner + r * side_, r, T{});
  const std::vector<T> upper(corner, corner + side_ * side_);
  multiply_tile(high, high, {upper.data(), side}, corner, side);
  add_rows_above(i, 1, threads);
}

template <class T>
double SymmetricTiles<T>::factor(double part, unsigned threads) {
  std::vector<double> diagonal(n_);
  double trace = 0;
  for (size_t i = 0; i < n_; ++i) trace += diagonal[i] = static_cast<double>(at(i, i));
  const double mean = trace / static_cast<double>(n_);
  if (!(mean > 0) || !std::isfinite(mean)) return -1;
  for (double ridge = part * mean;; ridge *= 10) {
    for (size_t i = 0; i < n_; ++i) at(i, i) = static_cast<T>(diagonal[i] + ridge);
    size_t done = 0;
    while (done < count_ && factor_row(done, threads)) ++done;
    if (done == count_) return ridge;
    if (!(ridge < kRidgeMax * mean)) return -1;
    while (done > 0) restore_row(--done, threads);
  }
}

// B <- U^-T B, for a B that is zero above row `first` of tiles, where `b` begins.
template <class T>
void SymmetricTiles<T>::substitute(size_t first, size_t columns, T* b) const {
  const int side = static_cast<int>(side_), n = static_cast<int>(columns);
  for (size_t i = first; i < count_; ++i) {
    T* const own = b + (i - first) * side_ * columns;
    for (size_t k = first; k < i; ++k) {
      add_tile_product(-1, Op::transposed, static_cast<int>(height(i)), n, side, {tile(k, i), side},
                       {b + (k - first) * side_ * columns, n}, own, n);
    }
    solve_tile(Op::transposed, static_cast<int>(height(i)), n, {tile(i, i), side}, own, n);
  }
}

template <class T>
void SymmetricTiles<T>::solve(size_t columns, T* b) const {
  const int side = static_cast<int>(side_), n = static_cast<int>(columns);
  substitute(0, columns, b);
  for (size_t i = count_; i-- > 0;) {
    T* const own = b + i * side_ * columns;
    for (size_t k = i + 1; k < count_; ++k) {
      add_tile_product(-1, Op::plain, static_cast<int>(height(i)), n, static_cast<int>(height(k)),
                       {tile(i, k), side}, {b + k * side_ * columns, n}, own, n);
    }
    solve_tile(Op::plain, static_cast<int>(height(i)), n, {tile(i, i), side}, own, n);
  }
}

// Entry i is the squared length of column i of U^-T, which is zero above row i.
template <class T>
std::vector<T> SymmetricTiles<T>::inverse_diagonal(unsigned threads) const {
  std::vector<T> out(n_);
  for_tiles(0, count_, threads, [&](size_t first) {
    const size_t rows = n_ - first * side_, columns = height(first);
    std::vector<T> unit(rows * columns);
    for (size_t i = 0; i < columns; ++i) unit[i * columns + i] = 1;
    substitute(first, columns, unit.data());
    std::vector<double> sums(columns);
    for (size_t i = 0; i < unit.size(); ++i) {
      const auto value = static_cast<double>(unit[i]);
      sums[i % columns] += value * value;
    }
    for (size_t i = 0; i < columns; ++i) out[first * side_ + i] = static_cast<T>(sums[i]);
  });
  return out;
}

template class SymmetricTiles<float>;
template class SymmetricTiles<double>;
template SymmetricTiles<float>::SymmetricTiles(const SymmetricTiles<double>&);

}  // namespace wmk::stats
