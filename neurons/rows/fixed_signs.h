// Random signs that are always the same: the start of iterations and of random projections.
//
// Thread-safety: pure function.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wmk::neurons {

// `count` values of +1 or -1; each purpose has its own.
inline std::vector<float> fixed_signs(size_t count, std::string_view purpose) {
  uint64_t state = 0;
  for (const char c : purpose) state = state * 0x100000001B3ull + static_cast<unsigned char>(c);
  std::vector<float> out(count);
  for (size_t i = 0; i < count; ++i) {  // splitmix64
    uint64_t x = state += 0x9E3779B97F4A7C15ull;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9ull;
    x = (x ^ x >> 27) * 0x94D049BB133111EBull;
    out[i] = (x >> 63) != 0 ? 1.0f : -1.0f;
  }
  return out;
}

}  // namespace wmk::neurons
