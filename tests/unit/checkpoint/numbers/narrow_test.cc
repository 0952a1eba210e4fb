#include "checkpoint/numbers/narrow.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/widen.h"

using namespace wmk;
using checkpoint::DType;

namespace {

Bytes narrowed(DType type, const std::vector<float>& values) {
  Bytes out(values.size() * checkpoint::bits(type) / 8);
  checkpoint::narrow(type, values, out);
  return out;
}

float there_and_back(DType type, float value) {
  float out = 0;
  checkpoint::widen(type, narrowed(type, {value}), {&out, 1});
  return out;
}

}  // namespace

TEST_CASE("every stored value survives widening and narrowing", "[checkpoint]") {
  for (const DType type : {DType::f16, DType::bf16, DType::f8_e4m3, DType::f8_e5m2}) {
    const unsigned size = checkpoint::bits(type) / 8;
    const uint32_t codes = 1u << (8 * size);
    Bytes stored(codes * size);
    for (uint32_t code = 0; code < codes; ++code) {
      std::memcpy(&stored[code * size], &code, size);
    }
    std::vector<float> values(codes);
    checkpoint::widen(type, stored, values);
    const Bytes back = narrowed(type, values);
    uint32_t checked = 0;
    for (uint32_t code = 0; code < codes; ++code) {
      if (!std::isfinite(values[code])) continue;  // fp8 saturates; a NaN may change its payload
      ++checked;
      if (std::memcmp(&stored[code * size], &back[code * size], size) != 0) {
        FAIL(checkpoint::to_string(type) << " code " << code << " changed");
      }
    }
    CHECK(checked > codes * 3 / 4);
  }
}

TEST_CASE("narrowing rounds to nearest, ties to even", "[checkpoint]") {
  std::mt19937_64 random(5);
  for (const DType type : {DType::f16, DType::bf16, DType::f8_e4m3, DType::f8_e5m2}) {
    const unsigned size = checkpoint::bits(type) / 8;
    // Neighbouring codes of finite positive values, all of them or a sample.
    const uint32_t largest = type == DType::f16       ? 0x7bff
                             : type == DType::bf16    ? 0x7f7f
                             : type == DType::f8_e4m3 ? 0x7e
                                                      : 0x7b;
    for (int round = 0; round < 2000; ++round) {
      const uint32_t code = static_cast<uint32_t>(random() % largest);
      Bytes stored(2 * size);
      const uint32_t next = code + 1;
      std::memcpy(&stored[0], &code, size);
      std::memcpy(&stored[size], &next, size);
      float pair[2];
      checkpoint::widen(type, stored, pair);
      const float middle = pair[0] + (pair[1] - pair[0]) / 2;  // exact: one bit more
      const float even = code % 2 == 0 ? pair[0] : pair[1];
      REQUIRE(there_and_back(type, middle) == even);
      REQUIRE(there_and_back(type, std::nextafter(middle, pair[0])) == pair[0]);
      REQUIRE(there_and_back(type, std::nextafter(middle, pair[1])) == pair[1]);
      REQUIRE(there_and_back(type, -middle) == -even);
    }
  }
}

TEST_CASE("above the largest value fp8 saturates and f16 overflows", "[checkpoint]") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(there_and_back(DType::f8_e4m3, 1e9f) == 448.0f);
  CHECK(there_and_back(DType::f8_e4m3, -infinity) == -448.0f);
  CHECK(there_and_back(DType::f8_e5m2, 1e9f) == 57344.0f);
  CHECK(there_and_back(DType::f16, 65519.0f) == 65504.0f);
  CHECK(there_and_back(DType::f16, 65520.0f) == infinity);
  CHECK(there_and_back(DType::bf16, -infinity) == -infinity);
  for (const DType type : {DType::f32, DType::f16, DType::bf16, DType::f8_e4m3, DType::f8_e5m2}) {
    CHECK(std::isnan(there_and_back(type, std::nanf(""))));
    CHECK(std::signbit(there_and_back(type, -0.0f)));
  }
}
