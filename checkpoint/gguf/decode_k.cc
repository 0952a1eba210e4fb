// K-quants: 256 weights in groups of 16 or 32, whose scales are quantised too.
#include "base/simd.h"
#include "checkpoint/gguf/block.h"
#include "checkpoint/gguf/decode.h"

namespace wmk::checkpoint {

namespace {

// Scales and minima of eight groups, six bits each, as Q4_K and Q5_K pack them in 12 bytes.
inline void unpack_six_bits(const uint8_t* s, float d, float dmin, float* scale, float* minimum) {
  for (int j = 0; j < 4; ++j) {
    scale[j] = d * static_cast<float>(s[j] & 63);
    minimum[j] = dmin * static_cast<float>(s[j + 4] & 63);
    scale[j + 4] = d * static_cast<float>((s[j + 8] & 15) | (s[j] >> 6) << 4);
    minimum[j + 4] = dmin * static_cast<float>((s[j + 8] >> 4) | (s[j + 4] >> 6) << 4);
  }
}

}  // namespace

WMK_VECTORIZED void decode_q2_k(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 84) {
    const float d = half_at(block + 80);
    const float dmin = half_at(block + 82);
    for (int group = 0; group < 16; ++group, out += 16) {
      const uint8_t* __restrict q = block + 16 + 32 * (group / 8) + 16 * (group % 2);
      const int shift = 2 * (group % 8 / 2);
      const float scale = d * static_cast<float>(block[group] & 15);
      const float minimum = dmin * static_cast<float>(block[group] >> 4);
      for (int i = 0; i < 16; ++i) out[i] = scale * static_cast<float>(q[i] >> shift & 3) - minimum;
    }
  }
}

WMK_VECTORIZED void decode_q3_k(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 110) {
    const uint8_t* s = block + 96;
    const float d = half_at(block + 108);
    for (int group = 0; group < 16; ++group, out += 16) {
      const int six =
          (s[group % 8] >> 4 * (group / 8) & 15) | (s[8 + group % 4] >> 2 * (group / 4) & 3) << 4;
      const float scale = d * static_cast<float>(six - 32);
      const uint8_t* __restrict high = block + 16 * (group % 2);
      const uint8_t* __restrict q = block + 32 + 32 * (group / 8) + 16 * (group % 2);
      const int shift = 2 * (group % 8 / 2);
      const int bit = group / 2;
      for (int i = 0; i < 16; ++i) {
        const int n = (q[i] >> shift & 3) | (high[i] >> bit & 1) << 2;
        out[i] = scale * static_cast<float>(n - 4);
      }
    }
  }
}

WMK_VECTORIZED void decode_q4_k(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 144) {
    float scale[8], minimum[8];
    unpack_six_bits(block + 4, half_at(block), half_at(block + 2), scale, minimum);
    for (int pair = 0; pair < 4; ++pair, out += 64) {
      const uint8_t* __restrict q = block + 16 + 32 * pair;
      const float d0 = scale[2 * pair], m0 = minimum[2 * pair];
      const float d1 = scale[2 * pair + 1], m1 = minimum[2 * pair + 1];
      for (int i = 0; i < 32; ++i) out[i] = d0 * static_cast<float>(q[i] & 15) - m0;
      for (int i = 0; i < 32; ++i) out[32 + i] = d1 * static_cast<float>(q[i] >> 4) - m1;
    }
  }
}

WMK_VECTORIZED void decode_q5_k(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 176) {
    float scale[8], minimum[8];
    unpack_six_bits(block + 4, half_at(block), half_at(block + 2), scale, minimum);
    const uint8_t* __restrict high = block + 16;
    for (int pair = 0; pair < 4; ++pair, out += 64) {
      const uint8_t* __restrict q = block + 48 + 32 * pair;
      const float d0 = scale[2 * pair], m0 = minimum[2 * pair];
      const float d1 = scale[2 * pair + 1], m1 = minimum[2 * pair + 1];
      for (int i = 0; i < 32; ++i) {
        const int n = (q[i] & 15) | (high[i] >> 2 * pair & 1) << 4;
        out[i] = d0 * static_cast<float>(n) - m0;
      }
      for (int i = 0; i < 32; ++i) {
        const int n = (q[i] >> 4) | (high[i] >> (2 * pair + 1) & 1) << 4;
        out[32 + i] = d1 * static_cast<float>(n) - m1;
      }
    }
  }
}

WMK_VECTORIZED void decode_q6_k(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 210) {
    const float d = half_at(block + 208);
    for (int group = 0; group < 16; ++group, out += 16) {
      const int half = group / 8, quarter = group % 8 / 2, offset = 16 * (group % 2);
      const uint8_t* __restrict low = block + 64 * half + 32 * (quarter % 2) + offset;
      const uint8_t* __restrict high = block + 128 + 32 * half + offset;
      const int low_shift = 4 * (quarter / 2), high_shift = 2 * quarter;
      const float scale = d * static_cast<float>(static_cast<int8_t>(block[192 + group]));
      for (int i = 0; i < 16; ++i) {
        const int n = (low[i] >> low_shift & 15) | (high[i] >> high_shift & 3) << 4;
        out[i] = scale * static_cast<float>(n - 32);
      }
    }
  }
}

}  // namespace wmk::checkpoint
