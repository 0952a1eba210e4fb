// The kernel for AVX-512 BF16: vdpbf16ps adds the products of a pair of elements to a float, the
// odd one first, each with a rounding of its own.
#include "stats/bf16/kernel_list.h"
#include "stats/bf16/pieces.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstring>

namespace wmk::stats {

namespace {

constexpr size_t kRows = 8;
constexpr size_t kVectors = 2;

__attribute__((target("avx512f,avx512bf16"))) void add_piece(const Piece& piece) {
  __m512 sums[kRows][kVectors];
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      sums[r][v] = piece.begin == 0 ? _mm512_setzero_ps()
                                    : _mm512_loadu_ps(piece.c + r * piece.c_stride + 16 * v);
    }
  }
  for (size_t k = piece.begin; k < piece.end; k += kTileDepth) {
    for (const Term& term : piece.terms) {
      const uint16_t* left = term.left->part(piece.row, k);
      const uint32_t* right[kVectors];
      for (size_t v = 0; v < kVectors; ++v) right[v] = term.right->word(k, piece.column + 16 * v);
      for (size_t pair = 0; pair < kTileDepth / 2; ++pair) {
        __m512bh b[kVectors];
        for (size_t v = 0; v < kVectors; ++v) {
          b[v] = reinterpret_cast<__m512bh>(_mm512_load_si512(right[v] + 16 * pair));
        }
        for (size_t r = 0; r < kRows; ++r) {
          int word;
          std::memcpy(&word, left + kTileDepth * r + 2 * pair, sizeof word);
          const auto a = reinterpret_cast<__m512bh>(_mm512_set1_epi32(word));
          for (size_t v = 0; v < kVectors; ++v) sums[r][v] = _mm512_dpbf16_ps(sums[r][v], a, b[v]);
        }
      }
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) {
      _mm512_storeu_ps(piece.c + r * piece.c_stride + 16 * v, sums[r][v]);
    }
  }
}

}  // namespace

bool has_avx512_bf16() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bf16") != 0;
}

void multiply_avx512_bf16(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                          float* c, size_t c_stride) {
  multiply_by_pieces({kRows, 16 * kVectors, false, add_piece}, terms, first, count, columns, c,
                     c_stride);
}

}  // namespace wmk::stats

#endif
