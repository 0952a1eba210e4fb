// T6: biases of q, k and v. A profile that all models share is not evidence, and neither are biases
// alone.
#include "lineage/tests/biases.h"

#include <cmath>
#include <random>

#include "checkpoint/numbers/widen.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;

constexpr uint64_t kLayers = 12, kHeads = 4, kKvHeads = 2, kHeadSize = 16;

// Biases whose sizes depend only on the frequency, as with RoPE, in random directions.
std::vector<float> with_profile(std::mt19937_64& random, uint64_t heads) {
  std::normal_distribution<float> gaussian;
  std::vector<float> out(heads * kHeadSize);
  for (size_t i = 0; i < out.size(); ++i) {
    const auto pair = static_cast<float>(i % kHeadSize % (kHeadSize / 2));
    const float angle = 3.14159f * gaussian(random);
    out[i] = std::exp(pair) * (i % kHeadSize < kHeadSize / 2 ? std::cos(angle) : std::sin(angle));
  }
  return out;
}

lineage::Side side_with_biases(uint64_t seed, float noise = 0, uint64_t noise_seed = 0) {
  std::mt19937_64 random(seed), more(noise_seed);
  std::normal_distribution<float> gaussian;
  lineage::Side side;
  side.attention = {kHeads, kKvHeads, kHeadSize, false, {}, ""};
  for (uint64_t layer = 0; layer < kLayers; ++layer) {
    auto& of = side.attention.layers.emplace_back();
    of.layer = layer;
    of.q_bias = with_profile(random, kHeads);
    of.k_bias = with_profile(random, kKvHeads);
    of.v_bias = with_profile(random, kKvHeads);
    for (auto* bias : {&of.q_bias, &of.k_bias, &of.v_bias}) {
      for (float& value : *bias) value *= 1 + noise * gaussian(more);
    }
  }
  return side;
}

lineage::BiasSigns signs_of(const lineage::Side& suspect, const lineage::Side& reference) {
  std::vector<lineage::LayerPair> layers;
  for (uint64_t layer = 0; layer < kLayers; ++layer) layers.push_back({layer, layer});
  return lineage::bias_signs({suspect, reference, 1, 1, nullptr}, layers);
}

TEST_CASE("biases of a copy agree and those of unrelated models with the same profile do not") {
  const auto reference = side_with_biases(1);
  const auto copy = signs_of(side_with_biases(1, 0.5f, 9), reference);
  CHECK(copy.query_key.sum.terms == kLayers * kKvHeads * kHeadSize / 2);
  CHECK(copy.value.sum.terms == kLayers * kKvHeads * kHeadSize);
  CHECK(copy.query_key.sum.log10_p() < -30);
  CHECK(copy.value.sum.log10_p() < -30);
  CHECK(copy.value.effect() > 0.8);
  constexpr int kUnrelated = 100;
  double squares = 0;
  for (int seed = 2; seed < 2 + kUnrelated; ++seed) {
    const auto found = signs_of(side_with_biases(seed), reference);
    for (const lineage::RowSigns& signs : {found.query_key, found.value}) {
      squares += signs.sum.z() * signs.sum.z() / (2 * kUnrelated);
      CHECK(signs.sum.log10_p() > -5);
      CHECK(std::abs(signs.shifted.z()) < 5);
    }
  }
  CHECK(std::sqrt(squares) == Approx(1).margin(0.15));
}

TEST_CASE("biases are compared in the order of rows of either model") {
  const auto reference = side_with_biases(1);
  auto suspect = side_with_biases(1);
  suspect.attention.interleaved = true;
  // Only declared: q and k are still ordered as in the reference, which is one of the orders tried.
  auto found = signs_of(suspect, reference);
  CHECK(found.pair_orders == 3);
  CHECK(found.query_key.effect() == Approx(1));
  for (auto& layer : suspect.attention.layers) {
    for (auto* bias : {&layer.q_bias, &layer.k_bias}) {
      auto moved = *bias;
      for (size_t i = 0; i < bias->size(); ++i) {
        const size_t at = i % kHeadSize, half = kHeadSize / 2;
        moved[i / kHeadSize * kHeadSize + (at < half ? 2 * at : 2 * (at - half) + 1)] = (*bias)[i];
      }
      *bias = moved;
    }
  }
  CHECK(signs_of(suspect, reference).query_key.effect() == Approx(1));
}

TEST_CASE("models without biases are reported as such") {
  auto bare = side_with_biases(1);
  for (auto& layer : bare.attention.layers) {
    layer.q_bias.clear();
    layer.v_bias.assign(layer.v_bias.size(), 0.0f);
  }
  const auto found = signs_of(bare, side_with_biases(1));
  CHECK(found.query_key_missing == "the suspect has no such biases");
  CHECK(found.value_missing == "the suspect has no such biases");
  for (const auto& test : bias_results(found, lineage::Basis::identity(8))) {
    CHECK(test.outcome == Outcome::not_run);
    CHECK_FALSE(test.log10_p);
  }
  CHECK(signs_of(bare, bare).value_missing == "neither model has such biases");
}

lab::DemoShape shape_with_biases() {
  auto shape = compared_shape();
  shape.layers = 6;
  shape.biases = true;
  return shape;
}

// The model `from` with all biases of another model.
std::filesystem::path with_planted_biases(const std::filesystem::path& from, const OpenedSide& of,
                                          const std::filesystem::path& out) {
  auto opened = lab::Model::open(from);
  REQUIRE(opened);
  for (lab::PlannedTensor& tensor : opened->plan().tensors) {
    if (!tensor.name.ends_with("bias")) continue;
    const auto* source = of.checkpoint.find(tensor.name);
    REQUIRE(source != nullptr);
    tensor.edits.push_back(values_of(of, *source));
  }
  REQUIRE(opened->save(out, false, 2, nullptr));
  return out;
}

TEST_CASE("biases support a verdict but never suffice for one") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1, shape_with_biases());
  const auto other = compared_model(scratch, "other", 2, shape_with_biases());
  const auto copy = compared(attacked("drift", {{"drift", "0.3"}}, model), model);
  CHECK(to_string(copy.judgement.verdict) == "derived");
  CHECK(copy.judgement.families[2].hit);
  const auto unrelated = compared(other, model);
  CHECK(to_string(unrelated.judgement.verdict) == "no_shared_weights");
  CHECK(test_named(unrelated, "T6 biases, q/k").outcome == Outcome::null);
  CHECK(test_named(unrelated, "T6 biases, v").outcome == Outcome::null);
  const auto planted =
      compared(with_planted_biases(other, open_side(model), scratch / "planted"), model);
  CHECK(test_named(planted, "T6 biases, q/k").outcome == Outcome::hit);
  CHECK(test_named(planted, "T6 biases, v").outcome == Outcome::hit);
  CHECK_FALSE(planted.judgement.families[2].hit);
  CHECK(to_string(planted.judgement.verdict) == "not_enough_evidence");
  CHECK(planted.bases_tried.size() == 3);  // biases alone do not end the search
}

}  // namespace
}  // namespace wmk::test
