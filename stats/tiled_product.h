// Sums of large matrix products, tile by tile.
//
// Purpose: products of floats that are added up over many blocks of rows; each tile is summed by
// one worker at a time, so the result is the same for any number of threads. Thread-safety: one
// caller; starts its own workers.
#pragma once

#include <cstddef>
#include <vector>

#include "stats/gemm.h"

namespace wmk::stats {

inline constexpr size_t kProductTile = 256;

// A matrix as stored, row by row, and how it enters a product.
struct Factor {
  Op op = Op::plain;
  const float* values = nullptr;
  size_t distance = 0;  // between rows as stored
};
enum class Triangle { both, upper };

// sums (m x n of a row-major matrix, rows `distance` apart) += op(A) op(B), op(A) m x k, op(B) k x
// n, on the caller's thread. `product` is a buffer.
template <class T>
void add_product_tile(size_t m, size_t n, size_t k, const Factor& a, const Factor& b,
                      std::vector<float>& product, T* sums, size_t distance);

// sums (m x n, row-major) += op(A) op(B), op(A) m x k, op(B) k x n. `upper`: only tiles that hold
// entries on or above the diagonal.
template <class T>
void add_product(size_t m, size_t n, size_t k, const Factor& a, const Factor& b, Triangle triangle,
                 unsigned threads, T* sums);

}  // namespace wmk::stats
