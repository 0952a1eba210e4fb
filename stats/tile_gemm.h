// Products of bf16 matrices on the matrix tiles of the processor (AMX), if it has them.
//
// Purpose: weights in bf16 are multiplied as stored, without widening; a float matrix is split into
// two bf16 ones (relative error 2^-17). Eight times as fast as a float product. If has_tiles() is
// false, callers use gemm.h; both give the same result up to rounding.
// Thread-safety: calls may run concurrently. The result of one row or column does not depend on how
// many are computed together.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "base/wiped.h"

namespace wmk::stats {

// Rows and columns are multiples of kTileSide, the summed dimension is a multiple of kTileDepth.
inline constexpr size_t kTileSide = 32;
inline constexpr size_t kTileDepth = 32;

// Whether the processor has bf16 tiles and the operating system lets this process use them.
bool has_tiles();

inline float nearest_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000u);
}

// value = high + low, with a relative error of 2^-17; both are bf16.
struct Split {
  uint16_t high, low;
};
inline Split split_bf16(float value) {
  const auto upper_half = [](float x) {
    return static_cast<uint16_t>(std::bit_cast<uint32_t>(x) >> 16);
  };
  const float high = nearest_bf16(value);
  return {upper_half(high), upper_half(nearest_bf16(value - high))};
}

// Memory aligned to cache lines, so that no row of a tile spans two of them. It is wiped when it is
// freed, because operands are packed from secret frames and carriers, too.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* values, size_t count) {
    wipe(values, count * sizeof(T));
    ::operator delete(values, kLine);
  }
  bool operator==(const LineAllocator&) const = default;
};

// Operands are stored tile by tile, one kilobyte each. Rows of a plain matrix are often a power of
// two apart, and the sixteen rows of a tile would then compete for the same cache set.

// The left factor: an m x k matrix of bf16.
class LeftOperand {
 public:
  void resize(size_t m, size_t k);
  size_t m() const { return m_; }
  size_t k() const { return k_; }
  // Copies a row of k stored elements (any alignment).
  void set_row(size_t row, const void* values);
  // 32 adjacent elements of `row`, from element k (a multiple of 32). The next row of the same tile
  // is 32 elements further.
  uint16_t* part(size_t row, size_t k) { return &values_[index(row, k)]; }
  const uint16_t* part(size_t row, size_t k) const { return &values_[index(row, k)]; }

 private:
  // Tiles of 16 x 32 elements in row-major order.
  size_t index(size_t row, size_t k) const {
    return (row / 16 * (k_ / 32) + k / 32) * 512 + row % 16 * 32 + k % 32;
  }
  size_t m_ = 0, k_ = 0;
  std::vector<uint16_t, LineAllocator<uint16_t>> values_;
};

// The right factor: a k x n matrix of bf16, packed as tiles require it, in pairs of rows.
class RightOperand {
 public:
  void resize(size_t k, size_t n);
  size_t k() const { return k_; }
  size_t n() const { return n_; }
  // One column of two adjacent rows (k even, and k + 1).
  void set_pair(size_t k, size_t n, uint16_t upper, uint16_t lower) {
    words_[word_index(k, n)] = static_cast<uint32_t>(lower) << 16 | upper;
  }
  // The adjacent words of the rows k and k + 1 in 16 columns, from column n (a multiple of 16).
  uint32_t* pair_words(size_t k, size_t n) { return &words_[word_index(k, n)]; }
  // The word of one column in the rows k and k + 1. That of a tile's corner is the start of the
  // tile.
  const uint32_t* word(size_t k, size_t n) const { return &words_[word_index(k, n)]; }

 private:
  // Tiles of 32 x 16 elements in column-major order.
  size_t word_index(size_t k, size_t n) const {
    return (n / 16 * (k_ / 32) + k / 32) * 256 + k % 32 / 2 * 16 + n % 16;
  }
  size_t k_ = 0, n_ = 0;
  std::vector<uint32_t, LineAllocator<uint32_t>> words_;
};

struct Term {
  const LeftOperand* left;
  const RightOperand* right;
};

// C (m x n, row-major, rows `c_stride` floats apart) = sum of left * right over the terms, which
// have the same shape. Requires has_tiles().
void tile_gemm(std::span<const Term> terms, float* c, size_t c_stride);
// Only rows [first, first + count) and the first `columns` columns of C, written to `c`. All three
// numbers are multiples of kTileSide.
void tile_gemm_part(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                    float* c, size_t c_stride);

}  // namespace wmk::stats
