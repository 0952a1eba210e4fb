#include "stats/tiled_product.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "base/simd.h"

namespace wmk::stats {

namespace {

WMK_VECTORIZED void add_to(const float* values, size_t count, double* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += static_cast<double>(values[i]);
}
WMK_VECTORIZED void add_to(const float* values, size_t count, float* sums) {
  for (size_t i = 0; i < count; ++i) sums[i] += values[i];
}

// Where row `row` of op(A), or column `row` of op(B), begins.
const float* part_of(const Factor& factor, Op by_rows, size_t row) {
  return factor.values + (factor.op == by_rows ? row * factor.distance : row);
}

}  // namespace

template <class T>
void add_product_tile(size_t m, size_t n, size_t k, const Factor& a, const Factor& b,
                      std::vector<float>& product, T* sums, size_t distance) {
  product.resize(m * n);
  gemm(a.op, b.op, m, n, k, a.values, a.distance, b.values, b.distance, 0.0f, product.data(), n);
  for (size_t row = 0; row < m; ++row) add_to(&product[row * n], n, sums + row * distance);
}

template <class T>
void add_product(size_t m, size_t n, size_t k, const Factor& a, const Factor& b, Triangle triangle,
                 unsigned threads, T* sums) {
  std::vector<std::pair<size_t, size_t>> tiles;
  for (size_t row = 0; row < m; row += kProductTile) {
    for (size_t column = triangle == Triangle::upper ? row : 0; column < n;
         column += kProductTile) {
      tiles.emplace_back(row, column);
    }
  }
  std::vector<std::vector<float>> buffers(std::max(1u, threads));
  (void)parallel_for(tiles.size(), threads, [&](size_t tile, unsigned w) -> Status {
    const auto [row, column] = tiles[tile];
    const size_t height = std::min(kProductTile, m - row);
    const size_t breadth = std::min(kProductTile, n - column);
    add_product_tile(height, breadth, k, {a.op, part_of(a, Op::plain, row), a.distance},
                     {b.op, part_of(b, Op::transposed, column), b.distance}, buffers[w],
                     sums + row * n + column, n);
    return {};
  });
}

template void add_product_tile(size_t, size_t, size_t, const Factor&, const Factor&,
                               std::vector<float>&, double*, size_t);
template void add_product_tile(size_t, size_t, size_t, const Factor&, const Factor&,
                               std::vector<float>&, float*, size_t);
template void add_product(size_t, size_t, size_t, const Factor&, const Factor&, Triangle, unsigned,
                          double*);
template void add_product(size_t, size_t, size_t, const Factor&, const Factor&, Triangle, unsigned,
                          float*);

}  // namespace wmk::stats
