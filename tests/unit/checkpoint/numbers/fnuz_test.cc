// 8-bit types of scales and weights in quantised checkpoints.
#include <catch2/catch.hpp>
#include <cmath>

#include "checkpoint/numbers/scalar.h"

using namespace wmk::checkpoint;

TEST_CASE("FNUZ types have one NaN, no infinity and no negative zero") {
  CHECK(std::isnan(float_of_f8_e4m3fnuz(0x80)));
  CHECK(std::isnan(float_of_f8_e5m2fnuz(0x80)));
  CHECK(float_of_f8_e4m3fnuz(0x7F) == 240.0f);
  CHECK(float_of_f8_e5m2fnuz(0x7F) == 57344.0f);
  CHECK(float_of_f8_e4m3fnuz(0x01) == std::ldexp(1.0f, -10));
  CHECK(float_of_f8_e5m2fnuz(0x01) == std::ldexp(1.0f, -17));
  CHECK(float_of_f8_e4m3fnuz(0xC0) == -1.0f);
  CHECK(float_of_f8_e5m2fnuz(0xC0) == -1.0f);
  for (unsigned bits = 0; bits < 256; ++bits) {
    if (bits == 0x80) continue;
    CHECK(std::isfinite(float_of_f8_e4m3fnuz(static_cast<uint8_t>(bits))));
    CHECK(std::isfinite(float_of_f8_e5m2fnuz(static_cast<uint8_t>(bits))));
  }
}

TEST_CASE("E8M0 is a power of two or NaN") {
  for (int bits = 0; bits < 255; ++bits) {
    CHECK(float_of_f8_e8m0(static_cast<uint8_t>(bits)) == std::ldexp(1.0f, bits - 127));
  }
  CHECK(std::isnan(float_of_f8_e8m0(0xFF)));
}
