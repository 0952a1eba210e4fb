// A false accusation is the worst error: unrelated models, rules of the verdict, failing controls.
#include <cmath>
#include <random>

#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/norm_weights.h"
#include "lineage/tests/row_signs.h"
#include "lineage/verdict_wording.h"
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
  auto shape = compared_shape();
  const auto model = compared_model(scratch, "model", 1, shape);
  shape.heads = 4;
  shape.kv_heads = 4;
  const auto other = compared_model(scratch, "other", 2, shape);
  const auto found = compared(other, model);
  CHECK(to_string(found.judgement.verdict) == "not_enough_evidence");
  CHECK(test_named(found, "T1 row signs, v/o").outcome == Outcome::not_run);
}

lineage::TestResult planted(lineage::TensorFamily family, double log10_p, double effect) {
  lineage::TestResult test;
  test.name = "planted";
  test.family = family;
  test.kind = lineage::EvidenceKind::exact;
  test.log10_p = log10_p;
  test.effect = effect;
  test.effect_min = 1e-3;
  test.statistic = lineage::kCosineStatistic;
  test.outcome = Outcome::null;
  return test;
}

lineage::TestResult planted_norms(double log10_p, double effect) {
  auto test = planted(lineage::TensorFamily::norm_weights, log10_p, effect);
  test.has_floor = true;
  return test;
}

TEST_CASE("each rule of the verdict by itself") {
  using enum lineage::TensorFamily;
  const auto verdict = [](std::vector<lineage::TestResult> tests) {
    return std::string(to_string(lineage::judge(tests, 3).verdict));
  };
  const auto vo = planted(value_output, -50, 0.8), qk = planted(query_key, -50, 0.8);
  const auto no_vo = planted(value_output, 0, 0), no_qk = planted(query_key, 0, 0);
  const auto ffn = planted(feed_forward, -50, 0.8), no_ffn = planted(feed_forward, 0, 0);
  CHECK(verdict({vo, qk, ffn}) == "derived");
  CHECK(verdict({vo, qk, no_ffn}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, ffn}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, no_ffn}) == "no_shared_weights");
  CHECK(verdict({ffn}) == "not_enough_evidence");
  CHECK(verdict({no_vo, no_qk, planted(feed_forward, -8, 0.8)}) == "not_enough_evidence");
  // An effect that is too small, however small p is.
  CHECK(verdict({no_vo, no_qk, planted(feed_forward, -50, 1e-4)}) == "not_enough_evidence");
  // Norm weights never hit; if they disagree, weak copies are doubtful.
  CHECK(verdict({no_vo, no_qk, planted_norms(-50, 1)}) == "no_shared_weights");
  const auto one_vo = planted(value_output, -50, 0.9), one_qk = planted(query_key, -50, 0.9);
  CHECK(verdict({one_vo, one_qk, planted_norms(-0.3, 0)}) == "shared_initialisation_possible");
  CHECK(verdict({one_vo, one_qk, planted_norms(-4, 0.2)}) == "shared_initialisation_possible");
  CHECK(verdict({one_vo, one_qk, planted_norms(-4, 0.9)}) == "derived");
  // Two trainings from one start would have the same coordinates.
  std::vector<lineage::TestResult> turned = {one_vo, one_qk, planted_norms(-0.3, 0)};
  CHECK(to_string(lineage::judge(turned, 3, /*own_places=*/false).verdict) == "derived");
  // Coincidences in fitted coordinates support exact hits and never suffice alone.
  auto coincidences = planted(feed_forward, -50, 0.8);
  coincidences.kind = lineage::EvidenceKind::model_based;
  CHECK(verdict({no_vo, no_qk, coincidences}) == "partly_derived");
  coincidences.basis = lineage::BasisKind::rotation;
  CHECK(verdict({no_vo, no_qk, coincidences}) == "not_enough_evidence");
  CHECK(verdict({vo, qk, coincidences}) == "derived");
  std::vector<lineage::TestResult> alone = {no_vo, no_qk, coincidences};
  lineage::judge(alone, 3);
  CHECK(alone[2].outcome == Outcome::weak);
  // Biases support attention that agrees; otherwise they may have been planted.
  auto biases = planted(norm_weights, -50, 0.99);
  biases.statistic = "z of biases";
  CHECK(verdict({no_vo, no_qk, no_ffn, biases}) == "not_enough_evidence");
  CHECK(verdict({no_vo, no_qk, ffn, biases}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, biases, planted(feed_forward, -8, 0.8)}) == "not_enough_evidence");
  CHECK(verdict({vo, no_qk}) == "not_enough_evidence");
  CHECK(verdict({vo, no_qk, biases}) == "derived");
  // They do not distinguish a copy from a shared start; norm weights do.
  CHECK(verdict({one_vo, one_qk, planted_norms(-0.3, 0), biases}) ==
        "shared_initialisation_possible");
  // A failed control of an exact test rules out any conclusion.
  auto failed = ffn;
  failed.outcome = Outcome::control_failed;
  CHECK(verdict({vo, qk, failed}) == "not_enough_evidence");
}

TEST_CASE("a judgement names the rule that led to it") {
  using enum lineage::TensorFamily;
  using lineage::VerdictRule;
  const auto rule = [](std::vector<lineage::TestResult> tests) {
    return lineage::judge(tests, 3).rule;
  };
  const auto vo = planted(value_output, -50, 0.8), no_vo = planted(value_output, 0, 0);
  const auto ffn = planted(feed_forward, -50, 0.8), no_ffn = planted(feed_forward, 0, 0);
  const auto weak = planted(feed_forward, -8, 0.8);
  auto failed = vo;
  failed.outcome = Outcome::control_failed;
  CHECK(rule({vo}) == VerdictRule::not_comparable);
  CHECK(rule({failed, ffn, vo}) == VerdictRule::not_comparable);
  CHECK(rule({vo, ffn, planted_norms(-0.3, 0)}) == VerdictRule::same_start);
  CHECK(rule({vo, no_ffn}) == VerdictRule::one_component);
  CHECK(rule({vo, ffn}) == VerdictRule::two_families);
  CHECK(rule({no_vo, no_ffn}) == VerdictRule::all_null);
  CHECK(rule({no_vo, weak}) == VerdictRule::otherwise);
  CHECK(lineage::rule_sentences().size() == 6);
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

TEST_CASE("norm weights of a copy reach the floor and unrelated ones do not") {
  std::mt19937_64 random(5);
  std::normal_distribution<float> gaussian;
  std::vector<std::vector<float>> a(4), near(4), far(4);
  for (size_t l = 0; l < 4; ++l) {
    for (int j = 0; j < 64; ++j) {
      a[l].push_back(1 + gaussian(random));
      near[l].push_back(a[l].back() + 0.5f * gaussian(random));
      far[l].push_back(1 + gaussian(random));
    }
  }
  CHECK(lineage::norm_weight_agreement(near, a, 1).log10_p() == Approx(-4));
  CHECK(lineage::norm_weight_agreement(far, a, 1).log10_p() > -2);
  // Constant norm weights are not compared.
  CHECK(lineage::norm_weight_agreement({std::vector<float>(64, 1.0f)}, a, 1).norms == 0);
}

}  // namespace
}  // namespace wmk::test
