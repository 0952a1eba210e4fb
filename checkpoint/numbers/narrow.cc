#include "checkpoint/numbers/narrow.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstdint>

#include "base/bytes.h"

namespace wmk::checkpoint {
namespace {

// A binary format narrower than float: sign, exponent, `mantissa_bits` of fraction.
struct Small {
  int mantissa_bits;
  int bias;
  uint32_t largest;   // code of the largest finite value
  uint32_t overflow;  // code of larger values
  uint32_t nan;
  uint32_t sign;
};

constexpr Small kF16{10, 15, 0x7bff, 0x7c00, 0x7e00, 0x8000};
constexpr Small kE4M3{3, 7, 0x7e, 0x7e, 0x7f, 0x80};
constexpr Small kE5M2{2, 15, 0x7b, 0x7b, 0x7e, 0x80};

// Codes grow with the value, so the carry of a fraction that is rounded up goes into the exponent,
// from the subnormals to the overflow.
uint32_t encode(float value, const Small& format) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 31) ? format.sign : 0;
  if (std::isnan(value)) return sign | format.nan;
  if (std::isinf(value)) return sign | format.overflow;
  const int lowest = 1 - format.bias;
  const int exponent = std::max(static_cast<int>((bits >> 23) & 0xff) - 127, lowest);
  // Division by a power of two is exact; nearbyint rounds ties to even.
  const double steps = std::nearbyint(
      std::ldexp(static_cast<double>(std::fabs(value)), format.mantissa_bits - exponent));
  const auto code = static_cast<uint32_t>((exponent - lowest) << format.mantissa_bits) +
                    static_cast<uint32_t>(steps);
  return sign | (code > format.largest ? format.overflow : code);
}

uint16_t encode_bf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

template <class Element, class Encode>
void narrow_each(std::span<const float> values, std::span<std::byte> out, Encode encode_one) {
  assert(out.size() == values.size() * sizeof(Element));
  std::byte* to = out.data();
  for (const float value : values) {
    store_le(to, static_cast<Element>(encode_one(value)));
    to += sizeof(Element);
  }
}

}  // namespace

void narrow(DType type, std::span<const float> values, std::span<std::byte> out) {
  assert(is_weight_type(type));
  switch (type) {
    case DType::f32:
      return narrow_each<float>(values, out, [](float value) { return value; });
    case DType::bf16:
      return narrow_each<uint16_t>(values, out, encode_bf16);
    case DType::f16:
      return narrow_each<uint16_t>(values, out, [](float value) { return encode(value, kF16); });
    case DType::f8_e4m3:
      return narrow_each<uint8_t>(values, out, [](float value) { return encode(value, kE4M3); });
    case DType::f8_e5m2:
      return narrow_each<uint8_t>(values, out, [](float value) { return encode(value, kE5M2); });
    default:
      return;
  }
}

}  // namespace wmk::checkpoint
