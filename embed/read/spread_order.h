// An order of layers that spreads any first part of them over the depth.
//
// Thread-safety: pure function.
#pragma once

#include <bit>
#include <cstddef>
#include <vector>

namespace wmk::embed {

// 0 to count - 1, by their reversed bits.
inline std::vector<size_t> spread_order(size_t count) {
  std::vector<size_t> out;
  if (count == 0) return out;
  const unsigned bits = std::bit_width(count - 1);
  for (size_t i = 0; i < size_t{1} << bits; ++i) {
    size_t layer = 0;
    for (unsigned b = 0; b < bits; ++b) layer |= (i >> b & 1) << (bits - 1 - b);
    if (layer < count) out.push_back(layer);
  }
  return out;
}

}  // namespace wmk::embed
