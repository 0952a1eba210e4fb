// Matrices of bf16 numbers, stored tile by tile for products (gemm.h).
//
// Purpose: weights in bf16 are multiplied as stored; a float matrix is rounded to bf16 or split
// into two of them. Tiles have one kilobyte each, in the layout of Intel's AMX, which suits the
// other kernels as well. (Rows of a plain matrix are often a power of two apart, and sixteen of
// them would compete for the same cache set.) Lifetime: an operand owns its memory and wipes it,
// because operands are packed from secret frames and carriers, too. Thread-safety: one writer, many
// readers.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "base/memory/wiped.h"

namespace wmk::stats {

// Rows and columns are multiples of kTileSide, the summed dimension is a multiple of kTileDepth.
inline constexpr size_t kTileSide = 32;
inline constexpr size_t kTileDepth = 32;
static_assert(kTileSide == kTileDepth);
// The next multiple of both.
constexpr size_t whole_tiles(size_t size) { return (size + kTileSide - 1) / kTileSide * kTileSide; }

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

// Memory aligned to cache lines, so that no row of a tile spans two of them; wiped when freed.
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

// The right factor: a k x n matrix of bf16, packed in pairs of rows.
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
  // tile; the words of the next pair of rows are 16 further.
  const uint32_t* word(size_t k, size_t n) const { return &words_[word_index(k, n)]; }

 private:
  // Tiles of 32 x 16 elements in column-major order.
  size_t word_index(size_t k, size_t n) const {
    return (n / 16 * (k_ / 32) + k / 32) * 256 + k % 32 / 2 * 16 + n % 16;
  }
  size_t k_ = 0, n_ = 0;
  std::vector<uint32_t, LineAllocator<uint32_t>> words_;
};

}  // namespace wmk::stats
