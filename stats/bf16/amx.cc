// The kernel for Intel's matrix tiles (AMX-BF16). A tile product adds the even and the odd elements
// of 32 apart, from zero, and then both sums to C.
#include "stats/bf16/kernel_list.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace wmk::stats {

namespace {

// Linux grants the large tile registers on request (arch_prctl(2)).
constexpr int kRequestPermission = 0x1023;
constexpr int kTileData = 18;

bool ask_for_tiles() {
  unsigned a, b, c, d;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  const bool tiles = (d >> 24 & 1) != 0;
  const bool bf16 = (d >> 22 & 1) != 0;
  if (!tiles || !bf16 || __builtin_cpu_supports("avx512bw") == 0) return false;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// Palette 1: eight tiles of 16 rows of 64 bytes.
struct alignas(64) TileConfig {
  uint8_t palette = 1;
  uint8_t start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

// Rows of the right operand that are processed together: the part needed by one column of pieces
// then stays in the L1 cache.
constexpr size_t kDepthAtOnce = 512;

// Adds depth [begin, end) to the 32 x 32 piece of C at `out`: four accumulator tiles, two tiles of
// each operand. An operand shared by adjacent terms is loaded once.
__attribute__((target("amx-tile,amx-bf16"))) void multiply_piece(size_t row, size_t column,
                                                                 size_t begin, size_t end,
                                                                 std::span<const Term> terms,
                                                                 float* out, size_t c_stride) {
  const size_t stride = c_stride * sizeof(float);
  if (begin == 0) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  } else {
    _tile_loadd(0, out, stride);
    _tile_loadd(1, out + 16, stride);
    _tile_loadd(2, out + 16 * c_stride, stride);
    _tile_loadd(3, out + 16 * c_stride + 16, stride);
  }
  for (size_t k = begin; k < end; k += kTileDepth) {
    const LeftOperand* left_loaded = nullptr;
    const RightOperand* right_loaded = nullptr;
    for (const Term& term : terms) {
      if (term.left != left_loaded) {
        _tile_loadd(4, term.left->part(row, k), 64);
        _tile_loadd(5, term.left->part(row + 16, k), 64);
        left_loaded = term.left;
      }
      if (term.right != right_loaded) {
        _tile_loadd(6, term.right->word(k, column), 64);
        _tile_loadd(7, term.right->word(k, column + 16), 64);
        right_loaded = term.right;
      }
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, out, stride);
  _tile_stored(1, out + 16, stride);
  _tile_stored(2, out + 16 * c_stride, stride);
  _tile_stored(3, out + 16 * c_stride + 16, stride);
}

}  // namespace

bool has_amx() {
  static const bool granted = ask_for_tiles();
  return granted;
}

__attribute__((target("amx-tile,amx-bf16"))) void multiply_amx(std::span<const Term> terms,
                                                               size_t first, size_t count,
                                                               size_t columns, float* c,
                                                               size_t c_stride) {
  static const TileConfig config;
  _tile_loadconfig(&config);
  const size_t depth = terms.front().right->k();
  for (size_t begin = 0; begin < depth; begin += kDepthAtOnce) {
    const size_t end = std::min(depth, begin + kDepthAtOnce);
    for (size_t column = 0; column < columns; column += kTileSide) {
      for (size_t row = 0; row < count; row += kTileSide) {
        multiply_piece(first + row, column, begin, end, terms, c + row * c_stride + column,
                       c_stride);
      }
    }
  }
  _tile_release();
}

}  // namespace wmk::stats

#endif
