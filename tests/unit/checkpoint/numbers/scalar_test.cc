#include "checkpoint/numbers/scalar.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "checkpoint/numbers/widen.h"

using namespace wmk;
using namespace wmk::checkpoint;

namespace {

// The value of a small floating format by its definition, with ldexp.
double by_definition(unsigned bits, int exponent_bits, int mantissa_bits, bool has_infinity) {
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = static_cast<int>(bits >> mantissa_bits) & ((1 << exponent_bits) - 1);
  const unsigned mantissa = bits & ((1u << mantissa_bits) - 1);
  const double sign = bits >> (exponent_bits + mantissa_bits) ? -1 : 1;
  const int top = (1 << exponent_bits) - 1;
  if (has_infinity && exponent == top) {
    return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  }
  if (!has_infinity && exponent == top && mantissa == (1u << mantissa_bits) - 1)
    return std::nan("");
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - bias - mantissa_bits);
  const double significand = 1 + std::ldexp(mantissa, -mantissa_bits);
  return sign * std::ldexp(significand, exponent - bias);
}

bool same(float value, double wanted) {
  if (std::isnan(wanted)) return std::isnan(value);
  return static_cast<double>(value) == wanted && std::signbit(value) == std::signbit(wanted);
}

}  // namespace

TEST_CASE("all 65536 half values are exact") {
  unsigned wrong = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    wrong += !same(float_of_f16(static_cast<uint16_t>(bits)), by_definition(bits, 5, 10, true));
  }
  CHECK(wrong == 0);
}

TEST_CASE("all 65536 bfloat values are exact") {
  unsigned wrong = 0;
  for (unsigned bits = 0; bits < 65536; ++bits) {
    wrong += !same(float_of_bf16(static_cast<uint16_t>(bits)), by_definition(bits, 8, 7, true));
  }
  CHECK(wrong == 0);
}

TEST_CASE("all 256 values of both byte floats are exact") {
  for (unsigned bits = 0; bits < 256; ++bits) {
    CAPTURE(bits);
    const auto byte = static_cast<uint8_t>(bits);
    CHECK(same(float_of_f8_e4m3(byte), by_definition(bits, 4, 3, false)));
    CHECK(same(float_of_f8_e5m2(byte), by_definition(bits, 5, 2, true)));
  }
  CHECK(float_of_f8_e4m3(0x7E) == 448.0f);
  CHECK(float_of_f8_e5m2(0x7B) == 57344.0f);
}

TEST_CASE("widening reads packed elements at any alignment") {
  Bytes stored(1 + 3 * 8);
  const auto at = [&](size_t i, size_t size) { return stored.data() + 1 + i * size; };
  std::vector<float> out(3);
  const auto view = [&](size_t size) { return ByteView(stored).subspan(1, 3 * size); };
  for (size_t i = 0; i < 3; ++i) store_le<float>(at(i, 4), 0.1f * static_cast<float>(i));
  widen(DType::f32, view(4), out);
  CHECK(out == std::vector<float>{0.0f, 0.1f, 0.2f});
  for (size_t i = 0; i < 3; ++i) store_le<double>(at(i, 8), 0.1 * static_cast<double>(i));
  widen(DType::f64, view(8), out);
  CHECK(out == std::vector<float>{0.0f, 0.1f, 0.2f});
  for (size_t i = 0; i < 3; ++i) store_le<uint16_t>(at(i, 2), static_cast<uint16_t>(0x3C00 + i));
  widen(DType::f16, view(2), out);
  CHECK(out == std::vector<float>{1.0f, 1.0f + 1 / 1024.0f, 1.0f + 2 / 1024.0f});
  widen(DType::bf16, view(2), out);
  CHECK(out[0] == 0.0078125f);
  for (size_t i = 0; i < 3; ++i) store_le<uint8_t>(at(i, 1), static_cast<uint8_t>(0x38 + i));
  widen(DType::f8_e4m3, view(1), out);
  CHECK(out == std::vector<float>{1.0f, 1.125f, 1.25f});
  widen(DType::f8_e5m2, view(1), out);
  CHECK(out == std::vector<float>{0.5f, 0.625f, 0.75f});
}

TEST_CASE("only plain floating types have a float value") {
  CHECK(has_float_value(DType::f64));
  CHECK(has_float_value(DType::bf16));
  CHECK_FALSE(has_float_value(DType::i8));
  CHECK(has_float_value(DType::f8_e8m0));
  CHECK_FALSE(has_float_value(DType::f4));
}
