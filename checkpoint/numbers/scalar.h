// One stored element as a float.
//
// Purpose: the value of an element of each plain floating type; the only place that knows their bit
// layouts. Exact for every type but F64, which is rounded to nearest. A NaN stays a NaN.
// Thread-safety: pure functions; independent of the floating-point environment (no denormal
// operands are used, so a library that sets flush-to-zero does no harm).
#pragma once

#include <array>
#include <bit>

#include "base/bytes.h"
#include "base/simd.h"
#include "checkpoint/numbers/dtype.h"

namespace wmk::checkpoint {

constexpr float float_of_bf16(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

namespace detail {

// A magnitude whose exponent and mantissa stand where those of a float stand, but whose exponent is
// smaller by `rebias` (<< 23). Zero and denormals: (smallest normal + value) - smallest is exact.
constexpr uint32_t rebiased(uint32_t magnitude, uint32_t rebias) {
  const uint32_t smallest = rebias + (1u << 23);
  const float denormal =
      std::bit_cast<float>(magnitude + smallest) - std::bit_cast<float>(smallest);
  return blend(magnitude < 1u << 23, std::bit_cast<uint32_t>(denormal), magnitude + rebias);
}

}  // namespace detail

constexpr float float_of_f16(uint16_t bits) {
  constexpr uint32_t kRebias = 112u << 23;  // 127 - 15
  const uint32_t magnitude = (bits & 0x7FFFu) << 13;
  const uint32_t infinite = blend(magnitude >= 0x0F800000, kRebias, 0);  // or NaN
  const uint32_t sign = (bits & 0x8000u) << 16;
  return std::bit_cast<float>((detail::rebiased(magnitude, kRebias) + infinite) | sign);
}

namespace detail {

// No infinity; 0x7F and 0xFF are NaN.
constexpr float float_of_e4m3_bits(uint8_t bits) {
  const uint32_t magnitude = (bits & 0x7Fu) << 20;
  const uint32_t finite = rebiased(magnitude, 120u << 23);  // 127 - 7
  const uint32_t sign = (bits & 0x80u) << 24;
  return std::bit_cast<float>(blend(magnitude == 0x7Fu << 20, 0x7FC00000u, finite) | sign);
}

// No infinity and no -0; 0x80 is the one NaN. `bias` is 8 (E4M3) or 16 (E5M2).
constexpr float float_of_fnuz(uint8_t bits, int mantissa_bits, int bias) {
  if (bits == 0x80) return std::bit_cast<float>(0x7FC00000u);
  const int exponent = (bits & 0x7F) >> mantissa_bits;
  const int mantissa = bits & ((1 << mantissa_bits) - 1);
  const int whole = exponent == 0 ? mantissa : mantissa + (1 << mantissa_bits);
  const int power = (exponent == 0 ? 1 : exponent) - bias - mantissa_bits;
  const float value =
      static_cast<float>(whole) * std::bit_cast<float>(static_cast<uint32_t>(power + 127) << 23);
  return (bits & 0x80) != 0 ? -value : value;
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

inline constexpr std::array<float, 256> kE4m3fnuz =
    byte_table([](uint8_t bits) { return float_of_fnuz(bits, 3, 8); });
inline constexpr std::array<float, 256> kE5m2fnuz =
    byte_table([](uint8_t bits) { return float_of_fnuz(bits, 2, 16); });

}  // namespace detail

constexpr float float_of_f8_e4m3(uint8_t bits) { return detail::kE4m3[bits]; }
constexpr float float_of_f8_e5m2(uint8_t bits) { return detail::kE5m2[bits]; }
constexpr float float_of_f8_e4m3fnuz(uint8_t bits) { return detail::kE4m3fnuz[bits]; }
constexpr float float_of_f8_e5m2fnuz(uint8_t bits) { return detail::kE5m2fnuz[bits]; }

// A power of two, 2^-127 (a denormal of float) to 2^127, or NaN.
constexpr float float_of_f8_e8m0(uint8_t bits) {
  if (bits == 0xFF) return std::bit_cast<float>(0x7FC00000u);
  return std::bit_cast<float>(bits == 0 ? 0x00400000u : static_cast<uint32_t>(bits) << 23);
}

}  // namespace wmk::checkpoint
