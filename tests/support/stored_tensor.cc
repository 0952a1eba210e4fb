// Stores floats as bytes of any weight type, rounded to nearest (ties to even).
#include <cmath>
#include <stdexcept>

#include "checkpoint/numbers/scalar.h"
#include "tests/support/tiny_model.h"

namespace wmk::test {

namespace {

using checkpoint::DType;

// The nearest value of a small format, found by bisection: `decode` increases with the bits of a
// positive number. Values above `largest` saturate.
template <class Decode>
unsigned nearest_bits(float value, unsigned largest, unsigned sign_bit, Decode decode) {
  const float magnitude = std::abs(value);
  unsigned low = 0, high = largest;
  while (low < high) {
    const unsigned middle = (low + high + 1) / 2;
    if (decode(middle) <= magnitude) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  if (low < largest) {
    const double below = static_cast<double>(magnitude) - decode(low);
    const double above = static_cast<double>(decode(low + 1)) - magnitude;
    if (above < below || (above == below && low % 2 == 1)) ++low;
  }
  return low | (std::signbit(value) ? sign_bit : 0);
}

// Finite values only. A shortcut for the most common type.
uint16_t nearest_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

void store_value(DType type, std::byte* to, float value) {
  using namespace checkpoint;
  const auto f16 = [](unsigned bits) { return float_of_f16(static_cast<uint16_t>(bits)); };
  const auto e4m3 = [](unsigned bits) { return float_of_f8_e4m3(static_cast<uint8_t>(bits)); };
  const auto e5m2 = [](unsigned bits) { return float_of_f8_e5m2(static_cast<uint8_t>(bits)); };
  switch (type) {
    case DType::f32:
      return store_le<float>(to, value);
    case DType::f64:
      return store_le<double>(to, value);
    case DType::f16:
      return store_le<uint16_t>(to, nearest_bits(value, 0x7BFF, 0x8000, f16));
    case DType::bf16:
      return store_le<uint16_t>(to, nearest_bf16(value));
    case DType::f8_e4m3:
      return store_le<uint8_t>(to, nearest_bits(value, 0x7E, 0x80, e4m3));
    case DType::f8_e5m2:
      return store_le<uint8_t>(to, nearest_bits(value, 0x7B, 0x80, e5m2));
    default:
      throw std::invalid_argument("stored(): not a floating type");
  }
}

}  // namespace

StoredTensor stored(std::string name, DType dtype, std::vector<uint64_t> shape,
                    const std::vector<float>& values) {
  const size_t element_bytes = checkpoint::bits(dtype) / 8;
  Bytes data(values.size() * element_bytes);
  for (size_t i = 0; i < values.size(); ++i) {
    store_value(dtype, data.data() + i * element_bytes, values[i]);
  }
  return {std::move(name), dtype, std::move(shape), std::move(data)};
}

}  // namespace wmk::test
