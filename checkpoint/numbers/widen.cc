#include "checkpoint/numbers/widen.h"

#include <cassert>

#include "base/simd.h"
#include "checkpoint/numbers/scalar.h"

namespace wmk::checkpoint {

namespace {

WMK_VECTORIZED void widen_bf16(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = float_of_bf16(load_le<uint16_t>(from + 2 * i));
}

WMK_VECTORIZED void widen_f16(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) to[i] = float_of_f16(load_le<uint16_t>(from + 2 * i));
}

// Arithmetic vectorises; a table does not.
WMK_VECTORIZED void widen_f8_e4m3(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    to[i] = detail::float_of_e4m3_bits(std::to_integer<uint8_t>(from[i]));
  }
}

WMK_VECTORIZED void widen_f8_e5m2(const std::byte* from, size_t count, float* to) {
  for (size_t i = 0; i < count; ++i) {
    to[i] = float_of_f16(static_cast<uint16_t>(std::to_integer<unsigned>(from[i]) << 8));
  }
}

}  // namespace

bool has_float_value(DType type) {
  return is_weight_type(type) || type == DType::f64 || type == DType::f8_e8m0 ||
         type == DType::f8_e4m3fnuz || type == DType::f8_e5m2fnuz;
}

void widen(DType type, ByteView bytes, std::span<float> out) {
  assert(bytes.size() == out.size() * (bits(type) / 8));
  const std::byte* from = bytes.data();
  switch (type) {
    case DType::bf16:
      return widen_bf16(from, out.size(), out.data());
    case DType::f16:
      return widen_f16(from, out.size(), out.data());
    case DType::f32:
      std::memcpy(out.data(), from, bytes.size());
      return;
    case DType::f64:
      for (float& value : out) value = static_cast<float>(load_le<double>(from)), from += 8;
      return;
    case DType::f8_e4m3:
      return widen_f8_e4m3(from, out.size(), out.data());
    case DType::f8_e5m2:
      return widen_f8_e5m2(from, out.size(), out.data());
    case DType::f8_e4m3fnuz:
      for (float& value : out) value = float_of_f8_e4m3fnuz(std::to_integer<uint8_t>(*from++));
      return;
    case DType::f8_e5m2fnuz:
      for (float& value : out) value = float_of_f8_e5m2fnuz(std::to_integer<uint8_t>(*from++));
      return;
    case DType::f8_e8m0:
      for (float& value : out) value = float_of_f8_e8m0(std::to_integer<uint8_t>(*from++));
      return;
    default:
      assert(!"widen() of a type without float values");
  }
}

void widen_strided(DType type, ByteView bytes, size_t step, std::span<float> out) {
  if (step == 1) return widen(type, bytes, out);
  const size_t element_bytes = bits(type) / 8;
  for (size_t i = 0; i < out.size(); ++i) {
    widen(type, bytes.subspan(i * step * element_bytes, element_bytes), out.subspan(i, 1));
  }
}

}  // namespace wmk::checkpoint
