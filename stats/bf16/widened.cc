// The kernels that widen both operands to floats in memory: AVX2 and plain C++ (on Arm: NEON).
//
// Blocks of both operands are widened once and used for a whole block of C: a panel of the right
// one stays in the L1 cache, the rows of the left one in the L2 cache. The arithmetic is one piece
// of code in GCC's vector extensions, compiled once per instruction set. This file is compiled with
// contraction: a fused product and sum has the same bits as two operations, since a product of two
// bf16 numbers is exact.
#include <algorithm>
#include <cstring>

#include "base/memory/wiped.h"
#include "base/simd.h"
#include "stats/bf16/kernel_list.h"

namespace wmk::stats {

namespace {

constexpr size_t kPanel = 16;  // columns
constexpr size_t kBlockRows = 128;
constexpr size_t kBlockDepth = 256;  // of all terms together
// From one widened row to the next, in floats: not a power of two, since all rows would then
// compete for the same cache set.
constexpr size_t kRowStride = kBlockDepth + kPanel;
constexpr size_t kPieceRows = 4;

// A tile of 16 rows; of each pair the odd element first, in the order of sums.
WMK_VECTORIZED void widen_left(const uint16_t* tile, float* to) {
  typedef uint32_t Words __attribute__((vector_size(32)));
  for (size_t row = 0; row < 16; ++row, tile += kTileDepth, to += kRowStride) {
    for (size_t i = 0; i < kTileDepth; i += 16) {
      Words words;
      std::memcpy(&words, tile + i, sizeof words);
      const Words odd = words & 0xFFFF0000u, even = words << 16;
      const Words halves[] = {__builtin_shufflevector(odd, even, 0, 8, 1, 9, 2, 10, 3, 11),
                              __builtin_shufflevector(odd, even, 4, 12, 5, 13, 6, 14, 7, 15)};
      std::memcpy(to + i, &halves[0], sizeof words);
      std::memcpy(to + i + 8, &halves[1], sizeof words);
    }
  }
}

// A tile of 16 columns: its rows in the same order.
WMK_VECTORIZED void widen_right(const uint32_t* tile, float* to) {
  for (size_t pair = 0; pair < kTileDepth / 2; ++pair, tile += kPanel, to += 2 * kPanel) {
    for (size_t i = 0; i < kPanel; ++i) {
      to[i] = std::bit_cast<float>(tile[i] & 0xFFFF0000u);
      to[kPanel + i] = std::bit_cast<float>(tile[i] << 16);
    }
  }
}

// Depth [begin, end) of both operands: steps of kTileDepth, each through all terms.
struct Slice {
  std::span<const Term> terms;
  size_t begin, end;
  size_t depth() const { return (end - begin) * terms.size(); }

  void widen_rows(size_t first, size_t count, float* to) const {
    for (size_t row = 0; row < count; row += 16) {
      float* step = to + row * kRowStride;
      for (size_t k = begin; k < end; k += kTileDepth) {
        for (const Term& term : terms) {
          widen_left(term.left->part(first + row, k), step);
          step += kTileDepth;
        }
      }
    }
  }
  void widen_panel(size_t column, float* to) const {
    for (size_t k = begin; k < end; k += kTileDepth) {
      for (const Term& term : terms) {
        widen_right(term.right->word(k, column), to);
        to += kTileDepth * kPanel;
      }
    }
  }
};

// Adds kPieceRows rows of the left operand times a panel to C, or sets C.
using AddPiece = void (*)(const float* left, const float* panel, size_t depth, bool set, float* c,
                          size_t c_stride);

template <size_t kWidth, size_t kVectors>
__attribute__((always_inline)) inline void add_columns(const float* left, const float* panel,
                                                       size_t depth, bool set, float* c,
                                                       size_t c_stride) {
  typedef float Floats __attribute__((vector_size(4 * kWidth)));
  Floats sums[kPieceRows][kVectors] = {};
  const auto at = [&](size_t r, size_t v) { return c + r * c_stride + kWidth * v; };
  if (!set) {
    for (size_t r = 0; r < kPieceRows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) std::memcpy(&sums[r][v], at(r, v), sizeof(Floats));
    }
  }
  for (size_t k = 0; k < depth; ++k, ++left, panel += kPanel) {
    Floats right[kVectors];
    for (size_t v = 0; v < kVectors; ++v) {
      std::memcpy(&right[v], panel + kWidth * v, sizeof(Floats));
    }
    for (size_t r = 0; r < kPieceRows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) sums[r][v] += left[r * kRowStride] * right[v];
    }
  }
  for (size_t r = 0; r < kPieceRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) std::memcpy(at(r, v), &sums[r][v], sizeof(Floats));
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) void add_avx2(const float* left, const float* panel,
                                                  size_t depth, bool set, float* c,
                                                  size_t c_stride) {
  add_columns<8, 2>(left, panel, depth, set, c, c_stride);
}
#endif
void add_portable(const float* left, const float* panel, size_t depth, bool set, float* c,
                  size_t c_stride) {
  add_columns<4, 2>(left, panel, depth, set, c, c_stride);
  add_columns<4, 2>(left, panel + 8, depth, set, c + 8, c_stride);
}

void multiply_widened(AddPiece add, std::span<const Term> terms, size_t first, size_t count,
                      size_t columns, float* c, size_t c_stride) {
  alignas(64) float left[kBlockRows * kRowStride];
  alignas(64) float panel[kBlockDepth * kPanel];
  const size_t depth = terms.front().right->k();
  const size_t step = kBlockDepth / terms.size() / kTileDepth * kTileDepth;
  for (size_t begin = 0; begin < depth; begin += step) {
    const Slice slice{terms, begin, std::min(depth, begin + step)};
    for (size_t from = 0; from < count; from += kBlockRows) {
      const size_t rows = std::min(kBlockRows, count - from);
      slice.widen_rows(first + from, rows, left);
      for (size_t column = 0; column < columns; column += kPanel) {
        slice.widen_panel(column, panel);
        for (size_t row = 0; row < rows; row += kPieceRows) {
          add(left + row * kRowStride, panel, slice.depth(), begin == 0,
              c + (from + row) * c_stride + column, c_stride);
        }
      }
    }
  }
  // What was written: frames are secret.
  wipe(left, std::min(kBlockRows, count) * kRowStride * sizeof(float));
  wipe(panel, sizeof panel);
}

}  // namespace

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}
void multiply_avx2(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                   float* c, size_t c_stride) {
  multiply_widened(add_avx2, terms, first, count, columns, c, c_stride);
}
#endif
void multiply_portable(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                       float* c, size_t c_stride) {
  multiply_widened(add_portable, terms, first, count, columns, c, c_stride);
}

}  // namespace wmk::stats
