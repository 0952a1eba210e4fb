// Products of bf16 matrices on the processor's matrix tiles (AMX), where there are any.
//
// Purpose: weights in bf16 go into the multiplier as they are stored, without widening; a float
// matrix is split into two bf16 ones (relative error 2^-17). Eight times the speed of a float
// product. Where has_tiles() is false callers use gemm.h; both give the same result to rounding.
// Thread-safety: any number of calls at the same time. Results for one row or column do not depend
// on how many are asked for at once.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

namespace wmk::stats {

// Rows and columns come in multiples of kTileSide, the summed dimension in multiples of kTileDepth.
inline constexpr size_t kTileSide = 32;
inline constexpr size_t kTileDepth = 32;

// The processor has bf16 tiles and the system grants them to this process.
bool has_tiles();

inline float nearest_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000u);
}

// value = high + low to 2^-17, each bf16.
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

// Memory that begins with a cache line, so that no row of a tile lies across two of them.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}  // NOLINT(google-explicit-constructor)
  T* allocate(size_t count) { return static_cast<T*>(::operator new(count * sizeof(T), kLine)); }
  void deallocate(T* values, size_t) { ::operator delete(values, kLine); }
  bool operator==(const LineAllocator&) const = default;
};

// Operands lie tile after tile, a kilobyte each: rows of a plain matrix are often a power of two
// apart, and the sixteen of one tile would then fight for one place in the cache.

// An m x k matrix of bf16 on the left.
class LeftOperand {
 public:
  void resize(size_t m, size_t k);
  size_t m() const { return m_; }
  size_t k() const { return k_; }
  // Copies a whole row of k stored elements (any alignment).
  void set_row(size_t row, const void* values);
  // Elements of `row` from k (a multiple of 32) on, 32 of them side by side; the next row of the
  // same tile is 32 further.
  uint16_t* part(size_t row, size_t k) { return &values_[index(row, k)]; }
  const uint16_t* part(size_t row, size_t k) const { return &values_[index(row, k)]; }

 private:
  // Tiles of 16 x 32 elements, along the rows of tiles.
  size_t index(size_t row, size_t k) const {
    return (row / 16 * (k_ / 32) + k / 32) * 512 + row % 16 * 32 + k % 32;
  }
  size_t m_ = 0, k_ = 0;
  std::vector<uint16_t, LineAllocator<uint16_t>> values_;
};

// A k x n matrix of bf16 on the right, packed as the tiles want it: pairs of rows side by side.
class RightOperand {
 public:
  void resize(size_t k, size_t n);
  size_t k() const { return k_; }
  size_t n() const { return n_; }
  // Two neighbouring rows (k even, k + 1) of one column.
  void set_pair(size_t k, size_t n, uint16_t upper, uint16_t lower) {
    words_[word_index(k, n)] = static_cast<uint32_t>(lower) << 16 | upper;
  }
  // 16 columns from n (a multiple of 16) of the rows k, k + 1: where their words lie, side by side.
  uint32_t* pair_words(size_t k, size_t n) { return &words_[word_index(k, n)]; }
  // The word of a column in the rows k, k + 1; that of a tile's corner begins the tile.
  const uint32_t* word(size_t k, size_t n) const { return &words_[word_index(k, n)]; }

 private:
  // Tiles of 32 x 16 elements lie one after the other, down the columns of tiles.
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

// C (m x n, row-major, `c_stride` floats a row) = sum of left * right over the terms, all of the
// same shape. Requires has_tiles().
void tile_gemm(std::span<const Term> terms, float* c, size_t c_stride);
// Only rows [first, first + count) and the first `columns` columns of it, which go to `c`; all
// three are multiples of kTileSide.
void tile_gemm_part(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                    float* c, size_t c_stride);

}  // namespace wmk::stats
