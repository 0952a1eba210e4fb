// Loops over stored elements; the values themselves are defined in scalar.h.
#include "checkpoint/scalar.h"

#include <cassert>

namespace wmk::checkpoint {

namespace {

template <class Stored, class Convert>
void widen_each(ByteView bytes, std::span<float> out, Convert convert) {
  assert(bytes.size() == out.size() * sizeof(Stored));
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = convert(load_le<Stored>(bytes.data() + i * sizeof(Stored)));
  }
}

}  // namespace

bool has_float_value(DType type) { return is_weight_type(type) || type == DType::f64; }

void widen(DType type, ByteView bytes, std::span<float> out) {
  switch (type) {
    case DType::f32:
      return widen_each<float>(bytes, out, [](float value) { return value; });
    case DType::f64:
      return widen_each<double>(bytes, out, [](double value) { return static_cast<float>(value); });
    case DType::bf16:
      return widen_each<uint16_t>(bytes, out, float_of_bf16);
    case DType::f16:
      return widen_each<uint16_t>(bytes, out, float_of_f16);
    case DType::f8_e4m3:
      return widen_each<uint8_t>(bytes, out, float_of_f8_e4m3);
    case DType::f8_e5m2:
      return widen_each<uint8_t>(bytes, out, float_of_f8_e5m2);
    default:
      assert(!"widen() of a type without float values");
  }
}

}  // namespace wmk::checkpoint
