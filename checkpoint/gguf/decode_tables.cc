// Types whose weights are one of 16 values of a table, or one of three.
#include <array>

#include "base/simd.h"
#include "checkpoint/gguf/block.h"
#include "checkpoint/gguf/decode.h"

namespace wmk::checkpoint {

namespace {

constexpr float kNonLinear[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                  1,    13,   25,  38,  53,  69,  89,  113};
// Twice the values of E2M1.
constexpr float kE2m1[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// Half of 2^(x - 127): the smallest two are denormal.
constexpr float half_power(uint8_t x) {
  const uint32_t bits = x < 2 ? 0x00200000u << x : static_cast<uint32_t>(x - 1) << 23;
  return std::bit_cast<float>(bits);
}

// E4M3 without its sign, halved; 0x7F is 0.
constexpr float half_ue4m3(uint8_t x) {
  const int exponent = x >> 3 & 15;
  const auto mantissa = static_cast<float>(x & 7);
  if ((x & 0x7F) == 0 || x == 0x7F) return 0;
  if (exponent == 0) return mantissa / 512.0f * 0.5f;
  const float power = std::bit_cast<float>(static_cast<uint32_t>(exponent - 7 + 127) << 23);
  return (1.0f + mantissa / 8.0f) * power * 0.5f;
}

constexpr std::array<float, 256> kHalfUe4m3 = [] {
  std::array<float, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = half_ue4m3(static_cast<uint8_t>(i));
  return table;
}();

}  // namespace

WMK_VECTORIZED void decode_iq4_nl(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 18, out += 32) {
    const float d = half_at(block);
    const uint8_t* __restrict q = block + 2;
    for (int i = 0; i < 16; ++i) out[i] = d * kNonLinear[q[i] & 15];
    for (int i = 0; i < 16; ++i) out[16 + i] = d * kNonLinear[q[i] >> 4];
  }
}

WMK_VECTORIZED void decode_iq4_xs(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 136) {
    const float d = half_at(block);
    const int high = load_le<uint16_t>(block + 2);
    for (int group = 0; group < 8; ++group, out += 32) {
      const int six = (block[4 + group / 2] >> 4 * (group % 2) & 15) | (high >> 2 * group & 3) << 4;
      const float scale = d * static_cast<float>(six - 32);
      const uint8_t* __restrict q = block + 8 + 16 * group;
      for (int i = 0; i < 16; ++i) out[i] = scale * kNonLinear[q[i] & 15];
      for (int i = 0; i < 16; ++i) out[16 + i] = scale * kNonLinear[q[i] >> 4];
    }
  }
}

WMK_VECTORIZED void decode_mxfp4(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 17, out += 32) {
    const float d = half_power(block[0]);
    const uint8_t* __restrict q = block + 1;
    for (int i = 0; i < 16; ++i) out[i] = d * kE2m1[q[i] & 15];
    for (int i = 0; i < 16; ++i) out[16 + i] = d * kE2m1[q[i] >> 4];
  }
}

WMK_VECTORIZED void decode_nvfp4(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 36) {
    for (int group = 0; group < 4; ++group, out += 16) {
      const float d = kHalfUe4m3[block[group]];
      const uint8_t* __restrict q = block + 4 + 8 * group;
      for (int i = 0; i < 8; ++i) out[i] = d * kE2m1[q[i] & 15];
      for (int i = 0; i < 8; ++i) out[8 + i] = d * kE2m1[q[i] >> 4];
    }
  }
}

// A byte holds five base-3 digits as a fraction of 256: multiplying by a power of 3 isolates one.
WMK_VECTORIZED void decode_tq1_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 54) {
    const float d = half_at(block + 52);
    constexpr struct {
      int first, bytes, digits;
    } kParts[3] = {{0, 32, 5}, {32, 16, 5}, {48, 4, 4}};
    for (const auto& part : kParts) {
      unsigned power = 1;
      for (int digit = 0; digit < part.digits; ++digit, power *= 3, out += part.bytes) {
        const uint8_t* __restrict q = block + part.first;
        for (int i = 0; i < part.bytes; ++i) {
          const unsigned shifted = q[i] * power & 255;
          out[i] = d * static_cast<float>(static_cast<int>(shifted * 3 >> 8) - 1);
        }
      }
    }
  }
}

WMK_VECTORIZED void decode_tq2_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 66) {
    const float d = half_at(block + 64);
    for (int group = 0; group < 8; ++group, out += 32) {
      const uint8_t* __restrict q = block + 32 * (group / 4);
      const int shift = 2 * (group % 4);
      for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>((q[i] >> shift & 3) - 1);
    }
  }
}

}  // namespace wmk::checkpoint
