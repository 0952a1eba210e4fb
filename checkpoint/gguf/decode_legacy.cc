// Plain numbers, and types with one scale for 32 weights: low nibbles are weights 0 to 15, high
// nibbles 16 to 31. Q1_0 and Q2_0 store their weights in order, lowest bits first.
#include "base/simd.h"
#include "checkpoint/gguf/block.h"
#include "checkpoint/gguf/decode.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

void decode_plain(DType type, const std::byte* from, size_t count, float* out) {
  widen(type, {from, count * (bits(type) / 8)}, {out, count});
}

}  // namespace

void decode_f32(const std::byte* from, size_t count, float* out) {
  decode_plain(DType::f32, from, count, out);
}

void decode_f16(const std::byte* from, size_t count, float* out) {
  decode_plain(DType::f16, from, count, out);
}

void decode_bf16(const std::byte* from, size_t count, float* out) {
  decode_plain(DType::bf16, from, count, out);
}

WMK_VECTORIZED void decode_q1_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 18, out += 128) {
    const float d = half_at(block);
    const uint8_t* __restrict q = block + 2;
    for (int i = 0; i < 128; ++i) out[i] = q[i / 8] >> i % 8 & 1 ? d : -d;
  }
}

WMK_VECTORIZED void decode_q2_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 18, out += 64) {
    const float d = half_at(block);
    const uint8_t* __restrict q = block + 2;
    for (int i = 0; i < 64; ++i) out[i] = static_cast<float>((q[i / 4] >> 2 * (i % 4) & 3) - 1) * d;
  }
}

WMK_VECTORIZED void decode_q4_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 18, out += 32) {
    const float d = half_at(block);
    const uint8_t* __restrict q = block + 2;
    for (int i = 0; i < 16; ++i) out[i] = d * static_cast<float>((q[i] & 15) - 8);
    for (int i = 0; i < 16; ++i) out[16 + i] = d * static_cast<float>((q[i] >> 4) - 8);
  }
}

WMK_VECTORIZED void decode_q4_1(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 20, out += 32) {
    const float d = half_at(block);
    const float m = half_at(block + 2);
    const uint8_t* __restrict q = block + 4;
    for (int i = 0; i < 16; ++i) out[i] = d * static_cast<float>(q[i] & 15) + m;
    for (int i = 0; i < 16; ++i) out[16 + i] = d * static_cast<float>(q[i] >> 4) + m;
  }
}

WMK_VECTORIZED void decode_q5_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 22, out += 32) {
    const float d = half_at(block);
    const uint32_t high = load_le<uint32_t>(block + 2);
    const uint8_t* __restrict q = block + 6;
    for (uint32_t i = 0; i < 16; ++i) {
      const uint32_t n = (q[i] & 15u) | (high >> i & 1) << 4;
      out[i] = d * static_cast<float>(static_cast<int32_t>(n) - 16);
    }
    for (uint32_t i = 0; i < 16; ++i) {
      const uint32_t n = (q[i] >> 4) | (high >> (16 + i) & 1) << 4;
      out[16 + i] = d * static_cast<float>(static_cast<int32_t>(n) - 16);
    }
  }
}

WMK_VECTORIZED void decode_q5_1(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 24, out += 32) {
    const float d = half_at(block);
    const float m = half_at(block + 2);
    const uint32_t high = load_le<uint32_t>(block + 4);
    const uint8_t* __restrict q = block + 8;
    for (uint32_t i = 0; i < 16; ++i) {
      const auto n = static_cast<int32_t>((q[i] & 15u) | (high >> i & 1) << 4);
      out[i] = d * static_cast<float>(n) + m;
    }
    for (uint32_t i = 0; i < 16; ++i) {
      const auto n = static_cast<int32_t>((q[i] >> 4) | (high >> (16 + i) & 1) << 4);
      out[16 + i] = d * static_cast<float>(n) + m;
    }
  }
}

WMK_VECTORIZED void decode_q8_0(const std::byte* blocks, size_t count, float* __restrict out) {
  const uint8_t* __restrict block = bytes_of(blocks);
  for (size_t b = 0; b < count; ++b, block += 34, out += 32) {
    const float d = half_at(block);
    const auto* __restrict q = reinterpret_cast<const int8_t*>(block + 2);
    for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(q[i]);
  }
}

}  // namespace wmk::checkpoint
