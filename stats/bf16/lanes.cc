// The kernels that widen bf16 to floats in registers: AVX-512, AVX2 and plain C++ (on Arm: NEON).
//
// One piece of code in GCC's vector extensions, compiled once per instruction set. This file is
// compiled with contraction: a fused product and sum has the same bits as two operations, since a
// product of two bf16 numbers is exact.
#include <cstring>

#include "stats/bf16/kernel_list.h"
#include "stats/bf16/pieces.h"

namespace wmk::stats {

namespace {

template <size_t kWidth>
struct Lanes {
  typedef float Floats __attribute__((vector_size(4 * kWidth)));
  typedef uint32_t Words __attribute__((vector_size(4 * kWidth)));
};

// A piece of kRows rows and kVectors vectors of kWidth columns.
template <size_t kWidth, size_t kRows, size_t kVectors>
__attribute__((always_inline)) inline void add_piece(const Piece& piece) {
  using Floats = typename Lanes<kWidth>::Floats;
  using Words = typename Lanes<kWidth>::Words;
  Floats sums[kRows][kVectors] = {};
  const auto c = [&](size_t r, size_t v) { return piece.c + r * piece.c_stride + kWidth * v; };
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
        right[v] = term.right->word(k, piece.column + kWidth * v);
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

#if defined(__x86_64__)
__attribute__((target("avx512f"))) void add_avx512(const Piece& piece) {
  add_piece<16, 8, 2>(piece);
}
__attribute__((target("avx2,fma"))) void add_avx2(const Piece& piece) { add_piece<8, 4, 2>(piece); }
#endif
void add_portable(const Piece& piece) { add_piece<4, 4, 2>(piece); }

}  // namespace

#if defined(__x86_64__)
bool has_avx512() { return __builtin_cpu_supports("avx512f") != 0; }
bool has_avx2() {
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
}

void multiply_avx512(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                     float* c, size_t c_stride) {
  multiply_by_pieces({8, 32, true, add_avx512}, terms, first, count, columns, c, c_stride);
}
void multiply_avx2(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                   float* c, size_t c_stride) {
  multiply_by_pieces({4, 16, true, add_avx2}, terms, first, count, columns, c, c_stride);
}
#endif
void multiply_portable(std::span<const Term> terms, size_t first, size_t count, size_t columns,
                       float* c, size_t c_stride) {
  multiply_by_pieces({4, 8, true, add_portable}, terms, first, count, columns, c, c_stride);
}

}  // namespace wmk::stats
