// Stochastic rounding to bf16 against the second implementation, bit for bit.
#include <charconv>
#include <cstring>

#include "embed/scheme/rounding.h"
#include "tests/unit/embed/mark_vectors.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

uint64_t hex_number(std::string_view text) {
  uint64_t value = 0;
  REQUIRE(std::from_chars(text.data(), text.data() + text.size(), value, 16).ec == std::errc());
  return value;
}

// The reference carries into infinity; this implementation stays at the largest finite value.
uint16_t without_infinity(uint64_t bf16) {
  return static_cast<uint16_t>((bf16 & 0x7FFF) == 0x7F80 ? bf16 - 1 : bf16);
}

}  // namespace

TEST_CASE("rounding seeds and random words are those of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("rounding");
  const auto key = secret_at(document.root(), "key");
  for (const json::Value entry : at(document.root(), "tensors")) {
    const uint64_t seed = rounding_seed(key, text_at(entry, "name"));
    CHECK(seed == hex_number(text_at(entry, "seed")));
    uint64_t index = 0;
    for (const std::string& text : texts_at(entry, "words")) {
      const uint64_t word = hex_number(text);
      for (int part = 0; part < 4; ++part) {
        CHECK(rounding_bits(seed, index++) == static_cast<uint16_t>(word >> (16 * part)));
      }
    }
  }
  for (const json::Value entry : at(document.root(), "splitmix64")) {
    const uint64_t word = hex_number(text_at(entry, "word"));
    CHECK(rounding_bits(hex_number(text_at(entry, "x")), 3) == static_cast<uint16_t>(word >> 48));
  }
}

TEST_CASE("rounding to bf16 gives the bits of the reference", "[embed][vectors]") {
  const auto document = mark_vectors("rounding");
  const auto key = secret_at(document.root(), "key");
  size_t infinite = 0;
  for (const json::Value entry : at(document.root(), "tensors")) {
    const std::string name = text_at(entry, "name");
    CAPTURE(name);
    const uint64_t seed = rounding_seed(key, name);
    const auto inputs = texts_at(entry, "float32");
    const auto outputs = texts_at(entry, "bf16");
    REQUIRE(inputs.size() == outputs.size());
    std::vector<float> deltas;
    for (const std::string& text : inputs) {
      deltas.push_back(std::bit_cast<float>(static_cast<uint32_t>(hex_number(text))));
    }
    // The bulk path: adds the values to stored zeros, first a part of the tensor, then the rest, to
    // check that random words depend on the index of an element.
    Bytes stored(2 * deltas.size());
    add_rounded(DType::bf16, stored.data(), 5, 1, deltas.data(), seed, 0);
    add_rounded(DType::bf16, stored.data() + 10, deltas.size() - 5, 1, deltas.data() + 5, seed, 5);
    for (size_t i = 0; i < deltas.size(); ++i) {
      CAPTURE(inputs[i]);
      const uint64_t reference = hex_number(outputs[i]);
      const uint16_t expected = without_infinity(reference);
      infinite += expected != reference;
      CHECK(round_stochastic(DType::bf16, deltas[i], rounding_bits(seed, i)) == expected);
      // A delta of zero changes nothing, so the stored zero keeps its sign.
      const uint16_t bulk = deltas[i] == 0 ? 0 : expected;
      CHECK(load_le<uint16_t>(stored.data() + 2 * i) == bulk);
    }
  }
  CHECK(infinite > 0);
}

}  // namespace wmk::embed
