// T7: quantisation grids are detected, and trained numbers lie on none.
#include "lineage/forensics/quantisation_grid.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "checkpoint/numbers/scalar.h"
#include "lineage/forensics/quantisation_grid_shares.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using checkpoint::DType;
using lineage::StoredRounding;

const StoredRounding kF32 = StoredRounding::of(DType::f32, false);
const StoredRounding kBf16 = StoredRounding::of(DType::bf16, false);

std::vector<float> weights(std::mt19937_64& random, size_t count) {
  std::normal_distribution<float> gaussian;
  std::vector<float> out(count);
  for (float& value : out) value = 0.05f * gaussian(random);
  return out;
}

// As bf16 stores them, to nearest even.
std::vector<float> stored_as_bf16(std::vector<float> values) {
  for (float& value : values) {
    auto bits = std::bit_cast<uint32_t>(value);
    bits = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
    value = std::bit_cast<float>(bits);
  }
  return values;
}

// Multiples of a step; the largest is `most` steps.
std::vector<float> symmetric(std::vector<float> values, int most) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float step = largest / static_cast<float>(most);
  for (float& value : values) value = step * std::nearbyint(value / step);
  return values;
}

std::vector<float> affine(std::vector<float> values, int steps) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const float begin = *low, step = (*high - begin) / static_cast<float>(steps);
  for (float& value : values) value = begin + step * std::nearbyint((value - begin) / step);
  return values;
}

TEST_CASE("blocks of quantised numbers lie on a grid with as many bits") {
  std::mt19937_64 random(3);
  int symmetric_8 = 0, symmetric_5 = 0, affine_4 = 0, rounded_8 = 0, affine_8 = 0, uneven = 0;
  for (int run = 0; run < 50; ++run) {
    const auto block = weights(random, 32);
    const auto q8 = lineage::grid_of(symmetric(block, 127), kF32);
    symmetric_8 += q8 && q8->bits == 8;
    const auto q5 = lineage::grid_of(symmetric(block, 16), kF32);
    symmetric_5 += q5 && q5->bits == 5;
    const auto q4 = lineage::grid_of(stored_as_bf16(affine(block, 15)), kBf16);
    affine_4 += q4 && q4->bits == 4;
    // After storage as bf16, eight bits are visible in the small values.
    const auto row = lineage::grid_of(stored_as_bf16(symmetric(weights(random, 576), 127)), kBf16);
    rounded_8 += row && row->bits == 8;
    for (const size_t size : {32, 64, 128}) {
      const auto eight =
          lineage::grid_of(stored_as_bf16(affine(weights(random, size), 255)), kBf16);
      affine_8 += eight && eight->bits == 8;
    }
    // Sixteen levels at uneven distances.
    auto table = weights(random, 16), levels = weights(random, 64);
    for (float& value : levels) {
      value = *std::min_element(table.begin(), table.end(), [value](float x, float y) {
        return std::abs(x - value) < std::abs(y - value);
      });
    }
    const auto few = lineage::grid_of(levels, kF32);
    uneven += few && few->bits == 4 && few->step == 0;
  }
  const auto by_hand =
      lineage::grid_of(std::vector<float>{-.3f, -.1f, 0, .2f, .5f, .1f, .4f, -.2f}, kF32);
  REQUIRE(by_hand);
  CHECK(by_hand->bits == 4);
  CHECK(by_hand->step == Approx(0.1));
  CHECK(symmetric_8 == 50);
  CHECK(symmetric_5 > 45);
  CHECK(affine_4 > 45);
  CHECK(rounded_8 == 50);
  CHECK(affine_8 > 115);  // blocks of 32 are not always enough
  CHECK(uneven > 45);
}

TEST_CASE("trained or pruned numbers lie on no grid") {
  std::mt19937_64 random(4);
  int found = 0;
  for (int run = 0; run < 60; ++run) {
    for (const size_t size : {16, 32, 64, 128, 576, 4096}) {
      const auto plain = weights(random, size);
      found += lineage::grid_of(plain, kF32).has_value();
      auto pruned = stored_as_bf16(plain);
      found += lineage::grid_of(pruned, kBf16).has_value();
      for (float& value : pruned) value = std::abs(value) < 0.034f ? 0 : value;
      found += lineage::grid_of(pruned, kBf16).has_value();
    }
  }
  CHECK(found == 0);
  // Zeros, two values or NaN show no grid.
  CHECK_FALSE(lineage::grid_of(std::vector<float>(32, 0.0f), kF32));
  std::vector<float> two(32, 0.0f);
  two[3] = 1;
  two[7] = 2;
  CHECK_FALSE(lineage::grid_of(two, kF32));
  two[9] = std::nanf("");
  CHECK_FALSE(lineage::grid_of(two, kF32));
}

const lineage::TestResult& grid_test(const lineage::Comparison& found) {
  return test_named(found, "T7 quantisation grid");
}

TEST_CASE("a quantised copy lies on a grid around its model and a fine-tuned one does not") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto rounded =
      compared(attacked("quantize", {{"bits", "4"}, {"group", "32"}}, model), model);
  const auto& on = grid_test(rounded);
  INFO(on.note);
  CHECK(on.value > 0.9);
  CHECK(on.outcome == lineage::Outcome::soft);
  CHECK_FALSE(on.log10_p);
  for (const char* name : {"q: ", "v: ", "up: ", "down: "}) {
    CHECK(on.note.find(std::string(name) + "4 bits in blocks of 32") != std::string::npos);
  }
  CHECK(on.note.find("(reference 0 %)") != std::string::npos);
  CHECK(on.note.find("100 % of values at the level nearest") != std::string::npos);
  for (const auto& [name, given] : {std::pair{"drift", Given{{"drift", "0.1"}}},
                                    std::pair{"prune", Given{{"fraction", "0.5"}}}}) {
    const auto tuned = compared(attacked(name, given, model), model);
    INFO(name << ": " << grid_test(tuned).note);
    CHECK(grid_test(tuned).value == 0);
    CHECK(grid_test(tuned).note == "no grid: down, q, up, v");
  }
}

// As mx.quantize() does: scale and smallest value of a group, in bf16.
std::vector<float> affine_in_groups(std::vector<float> values, size_t group, int steps) {
  for (size_t at = 0; at < values.size(); at += group) {
    const auto part = std::span(values).subspan(at, group);
    const auto [low, high] = std::minmax_element(part.begin(), part.end());
    const auto pair = stored_as_bf16({*low, (*high - *low) / static_cast<float>(steps)});
    for (float& value : part) {
      const float code = std::nearbyint((value - pair[0]) / pair[1]);
      value = pair[0] + pair[1] * std::clamp(code, 0.0f, static_cast<float>(steps));
    }
  }
  return values;
}

TEST_CASE("two groups whose scales have few digits are not one block of eight bits") {
  std::mt19937_64 random(5);
  for (const int bits : {2, 4}) {
    const auto reference = weights(random, 4 * 512);
    const auto suspect = affine_in_groups(reference, 64, (1 << bits) - 1);
    const auto counts =
        lineage::grid_counts(suspect, StoredRounding::of(DType::f32, true), reference, kBf16, 512);
    const auto best = lineage::best_block(counts);
    REQUIRE(best);
    CHECK(lineage::kGridBlocks[*best] == 64);
    CHECK(counts[*best].bits() == bits);
  }
}

}  // namespace
}  // namespace wmk::test
