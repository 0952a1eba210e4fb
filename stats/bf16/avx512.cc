// The kernel for AVX-512 without BF16: widens left rows to floats in memory, and the right operand
// in registers.
//
// This file is compiled with contraction: a fused product and sum has the same bits as two
// operations, since a product of two bf16 numbers is exact.
#include "stats/bf16/kernel_list.h"
#include "stats/bf16/pieces.h"

#if defined(__x86_64__)
#include <cstring>

namespace wmk::stats {

namespace {

typedef float Floats __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
constexpr size_t kRows = 8;
constexpr size_t kVectors = 2;

__attribute__((target("avx512f"))) void add_piece_widened(const Piece& piece) {
  Floats sums[kRows][kVectors] = {};
  const auto c = [&](size_t r, size_t v) { return piece.c + r * piece.c_stride + 16 * v; };
  if (piece.begin > 0) {
    for (size_t r = 0; r < kRows; ++r) {
      for (size_t v = 0; v < kVectors; ++v) std::memcpy(&sums[r][v], c(r, v), sizeof(Floats));
    }
  }
  const float* left = piece.wide;
  for (size_t k = piece.begin; k < piece.end; k += kTileDepth) {
    for (const Term& term : piece.terms) {
      const uint32_t* right[kVectors];
      for (size_t v = 0; v < kVectors; ++v) {
        right[v] = term.right->word(k, piece.column + 16 * v);
      }
      for (size_t pair = 0; pair < kTileDepth / 2; ++pair, ++left) {
        Floats even[kVectors], odd[kVectors];
        for (size_t v = 0; v < kVectors; ++v) {
          Words words;
          std::memcpy(&words, right[v] + 16 * pair, sizeof words);
          odd[v] = reinterpret_cast<Floats>(words & 0xFFFF0000u);
          even[v] = reinterpret_cast<Floats>(words << 16);
        }
        for (size_t r = 0; r < kRows; ++r) {
          for (size_t v = 0; v < kVectors; ++v) sums[r][v] += left[r * kWideRow] * odd[v];
        }
        for (size_t r = 0; r < kRows; ++r) {
          for (size_t v = 0; v < kVectors; ++v) sums[r][v] += left[r * kWideRow + 16] * even[v];
        }
      }
      left += kTileDepth / 2;
    }
  }
  for (size_t r = 0; r < kRows; ++r) {
    for (size_t v = 0; v < kVectors; ++v) std::memcpy(c(r, v), &sums[r][v], sizeof(Floats));
  }
}

}  // namespace

bool has_avx512() { return __builtin_cpu_supports("avx512f") != 0; }

void multiply_avx512(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                     float* c, size_t c_stride) {
  multiply_by_pieces({kRows, 16 * kVectors, true, add_piece_widened}, terms, first, count, columns,
                     c, c_stride);
}

}  // namespace wmk::stats

#endif
