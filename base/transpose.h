// Transposes matrices.
//
// Thread-safety: pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace wmk {

// `from`: rows x columns, row-major; `to`: columns x rows, its rows `stride` apart. Sixteen by
// sixteen at a time, so that whole cache lines are read and written; rows are often a power of two
// apart.
inline void transpose(const float* from, size_t rows, size_t columns, float* to, size_t stride) {
  constexpr size_t side = 16;
  float tile[side][side];
  for (size_t r = 0; r < rows; r += side) {
    const size_t height = std::min(side, rows - r);
    for (size_t c = 0; c < columns; c += side) {
      const size_t breadth = std::min(side, columns - c);
      for (size_t i = 0; i < height; ++i) {
        std::copy_n(&from[(r + i) * columns + c], breadth, tile[i]);
      }
      for (size_t j = 0; j < breadth; ++j) {
        float* out = &to[(c + j) * stride + r];
        for (size_t i = 0; i < height; ++i) out[i] = tile[i][j];
      }
    }
  }
}

inline void transpose(std::span<const float> from, size_t rows, size_t columns,
                      std::span<float> to) {
  transpose(from.data(), rows, columns, to.data(), rows);
}

inline std::vector<float> transposed(std::span<const float> from, size_t rows, size_t columns) {
  std::vector<float> to(from.size());
  transpose(from, rows, columns, to);
  return to;
}

}  // namespace wmk
