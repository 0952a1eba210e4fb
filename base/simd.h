// Loops compiled once per instruction set and chosen at run time.
//
// Purpose: a portable binary (no -march=native) whose simple loops still use AVX2 or AVX-512. Put
// WMK_VECTORIZED in front of a free function that consists of one plain loop. All clones give
// identical results: the build forbids contraction, and sums use a fixed number of lanes.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define WMK_VECTORIZED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define WMK_VECTORIZED
#endif

namespace wmk {

// Partial sums of a vectorised loop.
inline constexpr size_t kLanes = 16;

// `condition ? yes : no` without a branch. Of ?: the compiler makes one where an operand is the
// result of float arithmetic, and then it does not vectorise the loop for AVX2.
constexpr uint32_t blend(bool condition, uint32_t yes, uint32_t no) {
  const uint32_t mask = 0u - static_cast<uint32_t>(condition);
  return (yes & mask) | (no & ~mask);
}

}  // namespace wmk
