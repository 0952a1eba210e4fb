// Products of many rows with the rows of one matrix, on matrix tiles where there are any.
//
// Purpose: C = A B^T with one B for many A. On tiles (tile_gemm.h) operands are bf16 and the
// product is several times as fast as one of floats; elsewhere, and where the width does not suit
// the tiles, it is the float product. Rounding is odd: a row with its signs turned gives the same
// products with theirs turned. Lifetime: owns its copy of B. Thread-safety: immutable once made.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "stats/tile_gemm.h"

namespace wmk::stats {

// What operands are on tiles: bf16 (relative error 2^-9) or the sum of two (2^-17).
enum class TilePrecision { one_term, two_terms };

class RowProducts {
 public:
  // B: `rows` x `width`, row-major.
  RowProducts(std::span<const float> b, size_t rows, size_t width, TilePrecision precision);

  // C has `count` rows, this many numbers apart; the first rows() of each count.
  size_t stride() const { return stride_; }
  size_t rows() const { return rows_; }
  // A: `count` x width. C is resized, and may be larger than `count` x stride(). The same bits for
  // any number of threads.
  void of(std::span<const float> a, size_t count, unsigned threads, std::vector<float>& c) const;
  // B B^T, for which `b` is given once more: half of the products.
  void of_itself(std::span<const float> b, unsigned threads, std::vector<float>& c) const;

 private:
  // Rows [first, first + count) of C, and no more than the first `columns` of each.
  void rows_of(std::span<const float> a, size_t first, size_t count, size_t columns,
               std::vector<float>& c) const;

  size_t rows_, width_, stride_;
  bool tiled_;
  TilePrecision precision_;
  RightOperand high_, low_;
  std::vector<float> plain_;  // B, where there are no tiles
};

}  // namespace wmk::stats
