// One stored element as a float.
//
// Purpose: the exact value of an element of each plain floating type; the only place that knows
// their bits. Exact for every type but F64, which is rounded to nearest. A NaN stays a NaN.
// Thread-safety: pure functions; no one of them depends on the floating-point environment (no
// denormal operand is ever used, so a flush-to-zero mode set by a library does no harm).
#pragma once

#include <array>
#include <bit>

#include "base/bytes.h"
#include "checkpoint/dtype.h"

namespace wmk::checkpoint {

constexpr float float_of_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

constexpr float float_of_f16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t magnitude = static_cast<uint32_t>(bits & 0x7FFF) << 13;
  constexpr uint32_t kRebias = 112u << 23;    // 127 - 15
  constexpr uint32_t kSmallest = 113u << 23;  // 2^-14, the smallest normal half
  uint32_t out = magnitude + kRebias;
  if (magnitude >= 0x0F800000) {  // infinity and NaN
    out += kRebias;
  } else if (magnitude < 0x00800000) {  // zero and denormals: (2^-14 + value) - 2^-14 is exact
    const float value =
        std::bit_cast<float>(magnitude + kSmallest) - std::bit_cast<float>(kSmallest);
    out = std::bit_cast<uint32_t>(value);
  }
  return std::bit_cast<float>(out | sign);
}

namespace detail {

// Bias 7, no infinity, 0x7F and 0xFF are NaN: exponent and mantissa of a float moved by 20 bits.
constexpr float float_of_e4m3_bits(uint8_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x80) << 24;
  const uint32_t magnitude = bits & 0x7F;
  constexpr uint32_t kRebias = 120u << 23;  // 127 - 7
  if (magnitude == 0x7F) return std::bit_cast<float>(sign | 0x7FC00000);
  float value = std::bit_cast<float>((magnitude << 20) + kRebias);
  if (magnitude < 8) value = static_cast<float>(magnitude) / 512.0f;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

template <class Decode>
constexpr std::array<float, 256> byte_table(Decode decode) {
  std::array<float, 256> table{};
  for (unsigned i = 0; i < 256; ++i) table[i] = decode(static_cast<uint8_t>(i));
  return table;
}

inline constexpr std::array<float, 256> kE4m3 = byte_table(float_of_e4m3_bits);
inline constexpr std::array<float, 256> kE5m2 =
    byte_table([](uint8_t bits) { return float_of_f16(static_cast<uint16_t>(bits << 8)); });

}  // namespace detail

constexpr float float_of_f8_e4m3(uint8_t bits) { return detail::kE4m3[bits]; }
constexpr float float_of_f8_e5m2(uint8_t bits) { return detail::kE5m2[bits]; }

}  // namespace wmk::checkpoint
