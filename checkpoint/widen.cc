#include "checkpoint/widen.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/bytes.h"
#include "base/simd.h"

namespace wmk::checkpoint {

namespace {

WMK_VECTORIZED void widen_bf16(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, from + 2 * i, 2);
    to[i] = std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
  }
}

// Shifts exponent and mantissa into place, then repairs the exponent by one multiplication, which is
// exact for normal and denormal halves alike; infinities and NaN keep their all-ones exponent.
WMK_VECTORIZED void widen_f16(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    uint16_t half;
    std::memcpy(&half, from + 2 * i, 2);
    const uint32_t magnitude = static_cast<uint32_t>(half & 0x7FFF) << 13;
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
    const float scaled = std::bit_cast<float>(magnitude) * 0x1p112f;
    const uint32_t special = (half & 0x7C00) == 0x7C00 ? 0x7F800000u : 0u;
    to[i] = std::bit_cast<float>(std::bit_cast<uint32_t>(scaled) | special | sign);
  }
}

// Any 8-bit float by its exponent width; e4m3 (finite only) has one NaN pattern and no infinity.
float decode_f8(unsigned code, int exponent_bits, bool finite_only) {
  const int mantissa_bits = 7 - exponent_bits;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(code >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const int mantissa = static_cast<int>(code) & ((1 << mantissa_bits) - 1);
  const bool top = exponent == (1 << exponent_bits) - 1;
  float value;
  if (finite_only ? (code & 0x7F) == 0x7F : top && mantissa != 0) {
    value = std::numeric_limits<float>::quiet_NaN();
  } else if (!finite_only && top) {
    value = std::numeric_limits<float>::infinity();
  } else if (exponent == 0) {
    value = std::ldexp(static_cast<float>(mantissa), 1 - bias - mantissa_bits);
  } else {
    value = std::ldexp(static_cast<float>(mantissa + (1 << mantissa_bits)),
                       exponent - bias - mantissa_bits);
  }
  return (code & 0x80) != 0 ? -value : value;
}

std::array<float, 256> f8_table(int exponent_bits, bool finite_only) {
  std::array<float, 256> table;
  for (unsigned code = 0; code < 256; ++code) {
    table[code] = decode_f8(code, exponent_bits, finite_only);
  }
  return table;
}

const std::array<float, 256>& f8_values(DType type) {
  static const std::array<float, 256> e4m3 = f8_table(4, true);
  static const std::array<float, 256> e5m2 = f8_table(5, false);
  return type == DType::f8_e4m3 ? e4m3 : e5m2;
}

}  // namespace

void widen(DType type, const std::byte* from, size_t count, float* to) {
  switch (type) {
    case DType::bf16:
      return widen_bf16(from, count, to);
    case DType::f16:
      return widen_f16(from, count, to);
    case DType::f32:
      std::memcpy(to, from, count * sizeof(float));
      return;
    default: {
      const auto& table = f8_values(type);
      for (size_t i = 0; i < count; ++i) to[i] = table[std::to_integer<unsigned>(from[i])];
    }
  }
}

void widen_strided(DType type, const std::byte* from, size_t count, size_t step, float* to) {
  if (step == 1) return widen(type, from, count, to);
  const size_t element_bytes = bits(type) / 8;
  for (size_t i = 0; i < count; ++i) widen(type, from + i * step * element_bytes, 1, to + i);
}

}  // namespace wmk::checkpoint
