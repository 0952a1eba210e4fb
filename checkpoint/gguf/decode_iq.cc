// IQ1, IQ2 and IQ3: four or eight weights at a time are a point of a table, times a scale.
//
// In IQ2 and IQ3 the points are positive and the signs are stored separately; the eighth sign
// follows from the other seven.
#include "base/simd.h"
#include "checkpoint/gguf/block.h"
#include "checkpoint/gguf/decode.h"
#include "checkpoint/gguf/grids.h"

namespace wmk::checkpoint {

namespace {

template <int Extent>
inline void put_point(const int8_t* point, const float* sign, float scale, float* __restrict out) {
  for (int i = 0; i < Extent; ++i) out[i] = scale * static_cast<float>(point[i]) * sign[i];
}

inline void put_shifted(const int8_t* point, float shift, float scale, float* __restrict out) {
  for (int i = 0; i < 8; ++i) out[i] = scale * (static_cast<float>(point[i]) + shift);
}

inline float nibble_scale(const uint8_t* scales, int group) {
  return static_cast<float>(scales[group / 2] >> 4 * (group % 2) & 15);
}

}  // namespace

WMK_VECTORIZED void decode_iq2_xxs(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq2_xxs_grid();
  const auto& signs = byte_signs();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 66) {
    const float d = half_at(block);
    for (int group = 0; group < 8; ++group) {
      const uint8_t* points = block + 2 + 8 * group;
      const auto word = load_le<uint32_t>(points + 4);
      const float scale = d * (0.5f + static_cast<float>(word >> 28)) * 0.25f;
      for (int i = 0; i < 4; ++i, out += 8) {
        put_point<8>(grid.points[points[i]], signs.of[even_signs(word >> 7 * i)], scale, out);
      }
    }
  }
}

WMK_VECTORIZED void decode_iq2_xs(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq2_xs_grid();
  const auto& signs = byte_signs();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 74) {
    const float d = half_at(block);
    for (int group = 0; group < 16; ++group) {
      const float scale = d * (0.5f + nibble_scale(block + 66, group)) * 0.25f;
      for (int i = 2 * group; i < 2 * group + 2; ++i, out += 8) {
        const auto word = load_le<uint16_t>(block + 2 + 2 * i);
        put_point<8>(grid.points[word & 511], signs.of[even_signs(word >> 9)], scale, out);
      }
    }
  }
}

WMK_VECTORIZED void decode_iq2_s(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq2_s_grid();
  const auto& signs = byte_signs();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 82) {
    const float d = half_at(block);
    for (int group = 0; group < 16; ++group) {
      const float scale = d * (0.5f + nibble_scale(block + 74, group)) * 0.25f;
      for (int i = 2 * group; i < 2 * group + 2; ++i, out += 8) {
        const unsigned high = block[66 + i / 4] >> 2 * (i % 4) & 3;
        put_point<8>(grid.points[block[2 + i] | high << 8], signs.of[block[34 + i]], scale, out);
      }
    }
  }
}

WMK_VECTORIZED void decode_iq3_xxs(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq3_xxs_grid();
  const auto& signs = byte_signs();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 98) {
    const float d = half_at(block);
    for (int group = 0; group < 8; ++group) {
      const uint8_t* points = block + 2 + 8 * group;
      const auto word = load_le<uint32_t>(block + 66 + 4 * group);
      const float scale = d * (0.5f + static_cast<float>(word >> 28)) * 0.5f;
      for (int i = 0; i < 4; ++i, out += 8) {
        const float* sign = signs.of[even_signs(word >> 7 * i)];
        put_point<4>(grid.points[points[2 * i]], sign, scale, out);
        put_point<4>(grid.points[points[2 * i + 1]], sign + 4, scale, out + 4);
      }
    }
  }
}

WMK_VECTORIZED void decode_iq3_s(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq3_s_grid();
  const auto& signs = byte_signs();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 110) {
    const float d = half_at(block);
    for (int group = 0; group < 8; ++group) {
      const float scale = d * (1.0f + 2.0f * nibble_scale(block + 106, group));
      const unsigned high = block[66 + group];
      for (int i = 0; i < 4; ++i, out += 8) {
        const uint8_t* points = block + 2 + 8 * group + 2 * i;
        const float* sign = signs.of[block[74 + 4 * group + i]];
        put_point<4>(grid.points[points[0] | (high >> 2 * i & 1) << 8], sign, scale, out);
        put_point<4>(grid.points[points[1] | (high >> (2 * i + 1) & 1) << 8], sign + 4, scale,
                     out + 4);
      }
    }
  }
}

WMK_VECTORIZED void decode_iq1_s(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq1_grid();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 50) {
    const float d = half_at(block);
    for (int group = 0; group < 8; ++group) {
      const unsigned word = load_le<uint16_t>(block + 34 + 2 * group);
      const float scale = d * static_cast<float>(2 * (word >> 12 & 7) + 1);
      const float shift = word >> 15 ? -0.125f : 0.125f;
      for (int i = 0; i < 4; ++i, out += 8) {
        const unsigned point = block[2 + 4 * group + i] | (word >> 3 * i & 7) << 8;
        put_shifted(grid.points[point], shift, scale, out);
      }
    }
  }
}

// The scale of a block is in the high nibbles of its four words of scales.
WMK_VECTORIZED void decode_iq1_m(const std::byte* blocks, size_t count, float* __restrict out) {
  const auto& grid = iq1_grid();
  const uint8_t* block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 56) {
    unsigned words[4];
    for (int i = 0; i < 4; ++i) words[i] = load_le<uint16_t>(block + 48 + 2 * i);
    const unsigned half =
        words[0] >> 12 | (words[1] >> 12) << 4 | (words[2] >> 12) << 8 | (words[3] >> 12) << 12;
    const float d = float_of_f16(static_cast<uint16_t>(half));
    for (int group = 0; group < 16; ++group) {
      const float scale = d * static_cast<float>(2 * (words[group / 4] >> 3 * (group % 4) & 7) + 1);
      for (int i = 2 * group; i < 2 * group + 2; ++i, out += 8) {
        const unsigned high = block[32 + i / 2] >> 4 * (i % 2) & 15;
        const float shift = high & 8 ? -0.125f : 0.125f;
        put_shifted(grid.points[block[i] | (high & 7) << 8], shift, scale, out);
      }
    }
  }
}

}  // namespace wmk::checkpoint
