// Products of many rows with the rows of one matrix, in bf16.
//
// Purpose: C = A B^T with one B for many A. In bf16 (bf16/gemm.h) the product is several times as
// fast as in float on many processors. If the width is not a multiple of kTileDepth, it is the
// float product. Rounding is symmetric: a negated row gives exactly the negated products. Lifetime:
// owns its copy of B. Thread-safety: immutable after construction.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "stats/bf16/gemm.h"
#include "stats/bf16/pack.h"

namespace wmk::stats {

class RowProducts {
 public:
  // B: `rows` x `width`, row-major. It is packed by `threads`.
  RowProducts(std::span<const float> b, size_t rows, size_t width, TilePrecision precision,
              unsigned threads = 1);
  // The same from the transpose of B, `width` x `rows`, in one term.
  static RowProducts from_columns(std::span<const float> columns, size_t rows, size_t width,
                                  unsigned threads);

  // Distance between the rows of C. The first rows() numbers of each row are the products.
  size_t stride() const { return stride_; }
  size_t rows() const { return rows_; }
  // A: `count` x width. C is resized, and may be larger than `count` x stride(). Of each row, at
  // least the first `columns` products. Identical results for any number of threads.
  void of(std::span<const float> a, size_t count, unsigned threads, std::vector<float>& c,
          size_t columns) const;
  void of(std::span<const float> a, size_t count, unsigned threads, std::vector<float>& c) const {
    of(a, count, threads, c, rows_);
  }
  // The same in the caller's thread; the memory for packed rows is kept from call to call.
  struct PackedRows {
    LeftOperand high, low;
  };
  void of(std::span<const float> a, size_t count, PackedRows& packed, std::vector<float>& c) const;
  // B B^T, computing only half of the products; `b` is the matrix given to the constructor.
  void of_itself(std::span<const float> b, unsigned threads, std::vector<float>& c) const;

 private:
  RowProducts(size_t rows, size_t width, TilePrecision precision);
  void pack_rows(std::span<const float> b, unsigned threads);
  // Rows [first, first + count) of C, and no more than the first `columns` of each.
  void rows_of(std::span<const float> a, size_t first, size_t count, size_t columns,
               PackedRows& packed, std::vector<float>& c) const;

  size_t rows_, width_, stride_;
  bool tiled_;
  TilePrecision precision_;
  RightOperand high_, low_;
  std::vector<float> plain_;  // B, for the float product
};

}  // namespace wmk::stats
