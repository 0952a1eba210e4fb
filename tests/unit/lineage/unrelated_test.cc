// A false accusation is the worst error: unrelated models, rules of the verdict, failing controls.
#include <cmath>
#include <fstream>

#include "base/file.h"
#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/row_signs.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;

TEST_CASE("models of one architecture from different seeds share no weights") {
  Scratch scratch;
  std::vector<std::filesystem::path> models;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    models.push_back(compared_model(scratch, "m" + std::to_string(seed), seed));
  }
  double squares = 0, count = 0;
  for (size_t i = 0; i < models.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      const auto found = compared(models[i], models[j]);
      CHECK(to_string(found.judgement.verdict) == "no_shared_weights");
      CHECK(found.bases_tried.size() == 3);
      for (const auto& test : found.tests) {
        const bool is_signs = test.family != lineage::TensorFamily::none &&
                              test.family != lineage::TensorFamily::norm_weights;
        if (test.kind != lineage::EvidenceKind::exact || !is_signs) continue;
        squares += test.value * test.value;
        ++count;
      }
    }
  }
  CHECK(std::sqrt(squares / count) == Approx(1).margin(0.35));
}

TEST_CASE("a mixture of experts made from a third model is not derived from this one") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto third = compared_model(scratch, "third", 2);
  const auto experts =
      attacked("upcycle", {{"experts", "8"}, {"reinit", "0"}, {"drift", "0.05"}}, third);
  const auto found = compared(experts, model);
  CHECK(to_string(found.judgement.verdict) == "no_shared_weights");
  // Its copied experts are detected, and the signs of the reference are used.
  CHECK(test_named(found, "T4d copies inside one model").value == 1);
  // With two such models, no signs are independent.
  const auto fourth = compared_model(scratch, "fourth", 3);
  const auto others =
      attacked("upcycle", {{"experts", "8"}, {"reinit", "0"}, {"drift", "0.05"}}, fourth);
  const auto both = compared(experts, others);
  CHECK_FALSE(test_named(both, "T4a neuron signs").log10_p);
  CHECK(to_string(both.judgement.verdict) == "no_shared_weights");
}

TEST_CASE("kept attention with re-initialised experts is partly derived") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto found = compared(attacked("upcycle", {{"reinit", "1"}}, model), model);
  CHECK(to_string(found.judgement.verdict) == "partly_derived");
}

TEST_CASE("families that cannot be compared give no verdict") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  auto opened = lab::Model::open(compared_model(scratch, "other", 2));
  REQUIRE(opened);
  for (lab::PlannedTensor& tensor : opened->plan().tensors) {
    const auto at = tensor.name.find("o_proj");
    if (at != std::string::npos) tensor.name.replace(at, 6, "mixer");
  }
  REQUIRE(opened->save(scratch / "unreadable", false, 2, nullptr));
  const auto found = compared(scratch / "unreadable", model);
  CHECK(to_string(found.judgement.verdict) == "not_enough_evidence");
  for (const char* name : {"T1 row signs, v/o", "T9 head circuits"}) {
    CHECK(test_named(found, name).outcome == Outcome::not_run);
  }
}

TEST_CASE("models whose numbers of heads differ are compared by their circuits") {
  Scratch scratch;
  auto shape = compared_shape();
  const auto model = compared_model(scratch, "model", 1, shape);
  shape.heads = 4;
  shape.kv_heads = 4;
  const auto found = compared(compared_model(scratch, "other", 2, shape), model);
  CHECK(test_named(found, "T1 row signs, v/o").outcome == Outcome::not_run);
  CHECK(test_named(found, "T9 head circuits").outcome == Outcome::null);
  CHECK(to_string(found.judgement.verdict) == "no_shared_weights");
}

TEST_CASE("signs of neurons are no coins where a constant is added behind up") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto named = [&](const char* name) {
    const auto out = attacked("drift", {{"drift", "0.1"}}, model, name[0]);
    auto read = read_text(out / "config.json", 1 << 20);
    REQUIRE(read);
    std::string text = *std::move(read);
    const auto at = text.find("\"llama\"");
    REQUIRE(at != std::string::npos);
    std::ofstream(out / "config.json", std::ios::binary) << text.replace(at, 7, "\"gpt_oss\"");
    return out;
  };
  const auto first = named("a"), second = named("b");
  const auto found = compared(second, first);
  CHECK(to_string(found.judgement.verdict) == "derived");  // by its attention
  for (const char* name : {"T1 row signs, up/down", "T4a neuron signs"}) {
    CHECK_FALSE(test_named(found, name).log10_p);
    CHECK(test_named(found, name).kind == lineage::EvidenceKind::none);
  }
  // The reference's signs are coins, whatever the suspect says of itself.
  CHECK(test_named(compared(first, model), "T4a neuron signs").outcome == Outcome::hit);
}

TEST_CASE("controls that must fail do fail") {
  lineage::RowSigns signs;
  for (int i = 0; i < 100; ++i) {
    signs.sum.add(0.5);
    signs.shifted.add(0.5);
  }
  lineage::RowSignsFound found{signs, signs, signs, 1, "", "", ""};
  for (const auto& test : row_sign_results(found, lineage::Basis::identity(8))) {
    CHECK(test.outcome == Outcome::control_failed);
  }
  lineage::ExpertNeurons neurons;
  neurons.layers = neurons.layers_in_all = 2;
  neurons.found = {900, 5};
  neurons.control = {5, 5};
  CHECK(lineage::inflation_of(neurons.control) == 1);
  CHECK(expert_neuron_results(neurons, lineage::Basis::identity(8))[2].log10_p < -300);
  // In coordinates fitted to tokens, half of the layers must match.
  const lineage::Basis fitted{lineage::BasisKind::rotation, 8, 8, {}, {}, {}};
  neurons.shares = {{0, {}, false, 100, 0.01}, {1, {}, false, 100, 0.02}, {2, {}, false, 100, 0.9}};
  const auto test = expert_neuron_results(neurons, fitted)[2];
  CHECK(test.effect == Approx(0.02));
  CHECK(test.effect < test.effect_min);
  // If wrong layers coincide too often, chance is allowed more, until the test abstains.
  neurons.control = {100, 5};
  CHECK(lineage::inflation_of(neurons.control) == 40);
  neurons.control = {900, 5};
  CHECK(expert_neuron_results(neurons, lineage::Basis::identity(8))[2].outcome ==
        Outcome::control_failed);
}

}  // namespace
}  // namespace wmk::test
