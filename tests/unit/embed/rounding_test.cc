// Stochastic rounding over all codes of every small type.
#include "embed/scheme/rounding.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::embed {
namespace {

using checkpoint::DType;

struct SmallType {
  DType type;
  unsigned largest;   // code of the largest finite value
  unsigned sign_bit;  // added for negative values
};
const std::vector<SmallType> kTypes = {{DType::bf16, 0x7F7F, 0x8000},
                                       {DType::f16, 0x7BFF, 0x8000},
                                       {DType::f8_e4m3, 0x7E, 0x80},
                                       {DType::f8_e5m2, 0x7B, 0x80}};

float value_of(DType type, unsigned code) {
  float value;
  const auto stored = static_cast<uint16_t>(code);
  checkpoint::widen(type, {reinterpret_cast<const std::byte*>(&stored), bits(type) / 8},
                    {&value, 1});
  return value;
}

std::string text_of(DType type) { return std::string(to_string(type)); }

}  // namespace

TEST_CASE("a value that a type can hold never moves", "[embed][rounding]") {
  for (const auto& [type, largest, sign_bit] : kTypes) {
    CAPTURE(text_of(type));
    size_t moved = 0;
    for (unsigned code = 0; code <= largest; ++code) {
      for (unsigned sign : {0u, sign_bit}) {
        const float value = value_of(type, code | sign);
        for (uint16_t random : {0x0000, 0x0001, 0x7FFF, 0x8000, 0xFFFF}) {
          moved += round_stochastic(type, value, random) != (code | sign);
        }
      }
    }
    CHECK(moved == 0);
  }
}

TEST_CASE("a value between two neighbours is rounded up with the probability of its nearness",
          "[embed][rounding]") {
  for (const auto& [type, largest, sign_bit] : kTypes) {
    CAPTURE(text_of(type));
    const unsigned words = type == DType::f8_e4m3 || type == DType::f8_e5m2 ? 4096 : 16;
    size_t misrounded = 0, worst = 0;
    double drift = 0, variance = 0;
    for (unsigned code = 0; code < largest; ++code) {
      const double low = value_of(type, code), high = value_of(type, code + 1);
      const double share = static_cast<double>(rounding_bits(1, code) % 255 + 1) / 256;
      const float value = static_cast<float>(low + share * (high - low));
      const double exact = (static_cast<double>(value) - low) / (high - low);
      double ups = 0;
      for (unsigned w = 0; w < words; ++w) {
        const uint16_t random = rounding_bits(2, uint64_t{code} * words + w);
        const uint32_t out = round_stochastic(type, value, random);
        misrounded += out != code && out != code + 1;
        misrounded += round_stochastic(type, -value, random) != (out | sign_bit);
        ups += out == code + 1;
      }
      const double expected = exact * words, spread = exact * (1 - exact) * words;
      // Among some ten thousand codes, the most extreme may be 4.5 standard deviations off.
      if (spread > 25 && std::abs(ups - expected) > 4.5 * std::sqrt(spread)) ++worst;
      drift += ups - expected;
      variance += spread;
    }
    CHECK(misrounded == 0);
    CHECK(worst == 0);
    CHECK(std::abs(drift) < 4 * std::sqrt(variance));
  }
}

TEST_CASE("over all random words the fraction rounded up is the distance", "[embed][rounding]") {
  for (const auto& [type, largest, sign_bit] : kTypes) {
    CAPTURE(text_of(type));
    for (unsigned code : {0u, 1u, 3u, 4u, 7u, 8u, largest / 2, largest - 1}) {
      const double low = value_of(type, code), high = value_of(type, code + 1);
      for (unsigned quarter : {1u, 2u, 3u}) {
        const auto value = static_cast<float>(low + quarter * (high - low) / 4);
        unsigned ups = 0;
        for (unsigned random = 0; random < 65536; ++random) {
          ups += round_stochastic(type, value, static_cast<uint16_t>(random)) == code + 1;
        }
        CHECK(ups == quarter * 16384);
      }
    }
  }
}

TEST_CASE("values beyond the largest finite one become that one", "[embed][rounding]") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const auto& [type, largest, sign_bit] : kTypes) {
    CAPTURE(text_of(type));
    for (float value : {std::nextafter(value_of(type, largest), infinity), 3e38f,
                        std::numeric_limits<float>::max(), infinity}) {
      if (value <= value_of(type, largest)) continue;
      for (uint16_t random : {0x0000, 0xFFFF}) {
        CHECK(round_stochastic(type, value, random) == largest);
        CHECK(round_stochastic(type, -value, random) == (largest | sign_bit));
      }
    }
  }
}

TEST_CASE("zero and tiny values keep their sign", "[embed][rounding]") {
  for (const auto& [type, largest, sign_bit] : kTypes) {
    CAPTURE(text_of(type));
    CHECK(round_stochastic(type, 0.0f, 0xFFFF) == 0);
    CHECK(round_stochastic(type, -0.0f, 0xFFFF) == sign_bit);
    const float half = value_of(type, 1) / 2;
    CHECK(round_stochastic(type, half, 0x7FFF) == 0);
    CHECK(round_stochastic(type, half, 0x8000) == 1);
    CHECK(round_stochastic(type, -half, 0x7FFF) == sign_bit);
    CHECK(round_stochastic(type, -half, 0x8000) == (1 | sign_bit));
  }
}

TEST_CASE("elements whose change is zero keep their bytes", "[embed][rounding]") {
  for (const auto type : {DType::bf16, DType::f16, DType::f8_e4m3, DType::f8_e5m2, DType::f32}) {
    CAPTURE(text_of(type));
    const size_t element = bits(type) / 8;
    Bytes before(256 * element);  // all bytes, among them NaN and infinities of the type
    for (size_t i = 0; i < before.size(); ++i) before[i] = static_cast<std::byte>(i * 37 + i / 256);
    for (size_t step : {1, 2}) {
      Bytes after = before;
      const std::vector<float> still = {0.0f, -0.0f, 0.0f, 0.0f};
      add_rounded(type, after.data(), still.size(), step, still.data(), 9, 0);
      CHECK(after == before);
    }
  }
}

TEST_CASE("a strided change touches only its own elements and equals the bulk path",
          "[embed][rounding]") {
  for (const auto type : {DType::bf16, DType::f16, DType::f8_e4m3, DType::f8_e5m2, DType::f32}) {
    CAPTURE(text_of(type));
    const size_t element = bits(type) / 8, count = 40;
    const auto one = round_stochastic(type, 1.0f, 0);
    Bytes strided(2 * count * element);
    for (size_t i = 0; i < 2 * count; ++i) std::memcpy(&strided[i * element], &one, element);
    Bytes bulk = strided;
    std::vector<float> deltas(count), wide(2 * count, 0.0f);
    for (size_t i = 0; i < count; ++i) wide[2 * i] = deltas[i] = 0.001f * static_cast<float>(i + 1);
    add_rounded(type, strided.data(), count, 2, deltas.data(), 77, 12);
    add_rounded(type, bulk.data(), 2 * count, 1, wide.data(), 77, 12);
    CHECK(strided == bulk);
    if (type == DType::f32) CHECK(load_le<float>(bulk.data()) == 1.001f);
  }
}

}  // namespace wmk::embed
