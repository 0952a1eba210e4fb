// The verdict: each rule by itself, and what no verdict may say.
#include "lineage/verdict.h"

#include <cmath>

#include "lineage/control.h"
#include "lineage/shared_component.h"
#include "lineage/tests/folded_norms.h"
#include "lineage/tests/row_signs.h"
#include "lineage/verdict_wording.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;
using lineage::TestResult;
using enum lineage::TensorFamily;
using lineage::VerdictRule;

TestResult planted(lineage::TensorFamily family, double log10_p, double effect) {
  TestResult test;
  test.name = "planted";
  test.family = family;
  test.kind = lineage::EvidenceKind::exact;
  test.log10_p = log10_p;
  test.effect = effect;
  test.effect_min = lineage::kCopiedMin;
  test.statistic = lineage::kCosineStatistic;
  test.outcome = Outcome::null;
  return test;
}

TestResult planted_norms(double log10_p, double effect) {
  auto test = planted(norm_weights, log10_p, effect);
  test.has_floor = true;
  return test;
}

TestResult folded(double effect) {
  TestResult test;
  test.name = "T6 gains, folded";
  test.statistic = lineage::kFoldedStatistic;
  test.effect = effect;
  test.outcome = Outcome::soft;
  return test;
}

lineage::LineageJudgement judged(std::vector<TestResult> tests) { return lineage::judge(tests, 3); }
std::string verdict(std::vector<TestResult> tests) {
  return std::string(to_string(judged(std::move(tests)).verdict));
}
bool says(const lineage::LineageJudgement& judgement, const char* words) {
  return judgement.reason.find(words) != std::string::npos;
}

const auto vo = planted(value_output, -50, 0.99), qk = planted(query_key, -50, 0.99);
const auto no_vo = planted(value_output, 0, 0), no_qk = planted(query_key, 0, 0);
const auto ffn = planted(feed_forward, -50, 0.99), no_ffn = planted(feed_forward, 0, 0);
const auto weak_ffn = planted(feed_forward, -8, 0.8);

TEST_CASE("each rule of the verdict by itself") {
  CHECK(verdict({vo, qk, ffn}) == "derived");
  CHECK(verdict({vo, qk, no_ffn}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, ffn}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, no_ffn}) == "no_shared_weights");
  CHECK(verdict({ffn}) == "not_enough_evidence");
  CHECK(verdict({no_vo, no_qk, weak_ffn}) == "not_enough_evidence");
  CHECK(verdict({vo, no_qk}) == "not_enough_evidence");
  // Norm weights never hit.
  CHECK(verdict({no_vo, no_qk, planted_norms(-50, 0.3)}) == "no_shared_weights");
  // Biases support attention that agrees; otherwise they may have been planted.
  auto biases = planted(norm_weights, -50, 0.99);
  biases.statistic = "z of biases";
  CHECK(verdict({no_vo, no_qk, no_ffn, biases}) == "not_enough_evidence");
  CHECK(verdict({no_vo, no_qk, ffn, biases}) == "partly_derived");
  CHECK(verdict({no_vo, no_qk, biases, weak_ffn}) == "not_enough_evidence");
  CHECK(verdict({vo, no_qk, biases}) == "derived");
}

TEST_CASE("a judgement names the rule that led to it") {
  const auto rule = [](std::vector<TestResult> tests) { return judged(std::move(tests)).rule; };
  CHECK(rule({vo}) == VerdictRule::not_comparable);
  CHECK(rule({planted(value_output, -50, 0.8), ffn, planted_norms(-0.3, 0)}) ==
        VerdictRule::two_families);  // the largest mean cosine counts
  CHECK(rule({planted(value_output, -50, 0.8), no_qk, planted_norms(-0.3, 0)}) ==
        VerdictRule::same_start);
  CHECK(rule({vo, no_ffn}) == VerdictRule::one_component);
  CHECK(rule({vo, ffn}) == VerdictRule::two_families);
  CHECK(rule({vo, no_qk, weak_ffn}) == VerdictRule::one_family);
  CHECK(rule({no_vo, planted(feed_forward, -50, 0.05)}) == VerdictRule::too_weak);
  CHECK(rule({no_vo, no_ffn}) == VerdictRule::all_null);
  CHECK(rule({no_vo, weak_ffn}) == VerdictRule::otherwise);
  CHECK(lineage::rule_sentences().size() == 9);
}

TEST_CASE("a failed control drops its own test and the others stand") {
  auto failed_ffn = ffn, failed_vo = vo;
  failed_ffn.outcome = failed_vo.outcome = Outcome::control_failed;
  CHECK(verdict({vo, qk, failed_ffn}) == "derived");
  CHECK(verdict({failed_vo, qk, ffn}) == "derived");
  const auto one = judged({failed_vo, no_qk, ffn});
  CHECK(to_string(one.verdict) == "partly_derived");
  CHECK(says(one, "attention is not called new: the control of 'planted' failed"));
  CHECK(one.families[0].reason == "the control of 'planted' failed");
  // Alone it decides nothing, and nothing is absent beside it.
  CHECK(verdict({no_vo, no_qk, failed_ffn}) == "not_enough_evidence");
  CHECK(verdict({failed_vo, no_qk, no_ffn}) == "not_enough_evidence");
}

TEST_CASE("a control takes from z what stands out in it") {
  CHECK(lineage::counted_z(214, 6) == 214);
  CHECK(lineage::counted_z(214, 6.2) == Approx((214 - 6.2) * 3 / 6.2));
  CHECK(lineage::counted_z(-214, 6.2) == Approx(-(214 - 6.2) * 3 / 6.2));
  CHECK(lineage::counted_z(9, -20) == 0);
  lineage::RowSigns signs;
  for (int i = 0; i < 40000; ++i) {
    signs.sum.add(1.8 + 0.1 * (i % 3));
    signs.shifted.add(i % 1000 < 516 ? 0.05 : -0.05);  // z = 6.4
  }
  const lineage::SignTest of{"signs", feed_forward, lineage::kCosineStatistic, "", ""};
  auto test = sign_result(of, signs, "", "", lineage::Basis::identity(8));
  CHECK(signs.sum.z() > 195);
  CHECK(signs.shifted.z() == Approx(6.4));
  lineage::weigh(test, 12);
  CHECK(test.outcome == Outcome::hit);
  CHECK(*test.log10_p > -2000);  // of 200 it would be -8686
  signs.sum = {};
  for (int i = 0; i < 40000; ++i) signs.sum.add(i % 1000 < 525 ? 0.05 : -0.05);  // z = 10
  CHECK(sign_result(of, signs, "", "", lineage::Basis::identity(8)).outcome ==
        Outcome::control_failed);
}

TEST_CASE("signs that are all turned agree too") {
  stats::SignedSum turned;
  for (int i = 0; i < 100; ++i) turned.add(-1);
  CHECK(turned.log10_p() == 0);
  CHECK(turned.log10_p_two_sided() == Approx(std::log10(2) - 50 / std::log(10)));
  stats::SignedSum none;
  none.add(0.1);
  CHECK(none.log10_p_two_sided() == 0);  // at most 1
  lineage::RowSigns signs;
  for (int i = 0; i < 100; ++i) {
    signs.sum.add(-1.9);
    signs.shifted.add(i % 2 ? 0.2 : -0.2);
  }
  const lineage::SignTest of{"signs", value_output, lineage::kCosineStatistic, "", "moved heads"};
  auto test = sign_result(of, signs, "", "", lineage::Basis::identity(8));
  lineage::weigh(test, 12);
  CHECK(test.outcome == Outcome::hit);
  // Turned one by one they leave their sizes, and the test says what it cannot see.
  for (int i = 0; i < 100; ++i) signs.sum.add(1.9);
  test = sign_result(of, signs, "", "", lineage::Basis::identity(8));
  lineage::weigh(test, 12);
  CHECK(test.outcome == Outcome::anomaly);
  signs.sum = signs.shifted;
  test = sign_result(of, signs, "", "", lineage::Basis::identity(8));
  lineage::weigh(test, 12);
  CHECK(test.outcome == Outcome::null);
  CHECK(test.note.ends_with("not seen: moved heads"));
}

TEST_CASE("no part is new and nothing is absent while a test of it stands out") {
  TestResult gram;
  gram.name = "T3 attention Gram";
  gram.component = lineage::Component::attention;
  gram.outcome = Outcome::soft;
  CHECK(says(judged({no_vo, no_qk, ffn, gram}), "attention is new"));
  gram.stands_out = true;
  const auto mixed = judged({no_vo, no_qk, ffn, gram});
  CHECK(to_string(mixed.verdict) == "partly_derived");
  CHECK(says(mixed, "ffn shares weights; attention is not called new: 'T3 attention Gram' stands"));
  CHECK(verdict({no_vo, no_qk, no_ffn, gram}) == "not_enough_evidence");
  auto turned = no_vo;
  turned.stands_out = true;  // sizes without signs
  CHECK(verdict({turned, no_qk, no_ffn}) == "not_enough_evidence");
  CHECK_FALSE(says(judged({turned, no_qk, ffn}), "attention is new"));
  auto norms = planted_norms(-4, 0.99);
  norms.stands_out = true;
  CHECK(verdict({no_vo, no_qk, no_ffn, norms}) == "not_enough_evidence");
  CHECK(verdict({vo, qk, no_ffn, norms}) == "partly_derived");
  CHECK_FALSE(says(judged({no_vo, planted(query_key, -8, 0.5), ffn}), "attention is new"));
}

TEST_CASE("a basis that was not tried and one that shows more are named") {
  const auto concluded = [](std::vector<TestResult> tests, const lineage::Elsewhere& elsewhere) {
    return lineage::conclude(lineage::find_families(tests, 3), elsewhere);
  };
  lineage::Elsewhere elsewhere;
  elsewhere.untried = "coordinates fitted to the embeddings: too few tokens";
  const auto none = concluded({no_vo, no_qk, no_ffn}, elsewhere);
  CHECK(to_string(none.verdict) == "not_enough_evidence");
  CHECK(says(none, "not tried: coordinates fitted to the embeddings"));
  const auto part = concluded({vo, qk, no_ffn}, elsewhere);
  CHECK(to_string(part.verdict) == "partly_derived");
  CHECK(says(part, "the FFN is not called new: not tried: coordinates fitted"));
  CHECK(to_string(concluded({vo, qk, ffn}, elsewhere).verdict) == "derived");
  elsewhere = {"'T3 attention Gram' stands out (rotation)", "", ""};
  CHECK(says(concluded({no_vo, no_qk, ffn}, elsewhere), "attention is not called new: 'T3"));
  CHECK(to_string(concluded({no_vo, no_qk, no_ffn}, elsewhere).verdict) == "not_enough_evidence");
}

TEST_CASE("norm weights that cannot be tested do not exclude a shared initialisation") {
  const auto one_vo = planted(value_output, -50, 0.9), one_qk = planted(query_key, -50, 0.9);
  const std::string possible = "shared_initialisation_possible";
  CHECK(verdict({one_vo, one_qk}) == possible);
  CHECK(says(judged({one_vo, one_qk}), "cannot exclude a shared initialisation"));
  CHECK(verdict({one_vo, one_qk, planted_norms(-0.3, 0)}) == possible);
  CHECK(verdict({one_vo, one_qk, planted_norms(-4, 0.2)}) == possible);
  CHECK(verdict({one_vo, one_qk, planted_norms(-4, 0.9)}) == "derived");
  // Norm weights that were moved for free agree in the folded matrices.
  CHECK(verdict({one_vo, one_qk, planted_norms(-0.3, 0), folded(0.9)}) == "derived");
  CHECK(verdict({one_vo, one_qk, folded(0.9)}) == "derived");
  CHECK(verdict({one_vo, one_qk, folded(0.1)}) == possible);
  // Biases do not distinguish a copy from a shared start; norm weights do.
  auto biases = planted(norm_weights, -50, 0.99);
  biases.statistic = "z of biases";
  CHECK(verdict({one_vo, one_qk, planted_norms(-0.3, 0), biases}) == possible);
  // Two trainings from one start would have the same coordinates.
  std::vector<TestResult> turned = {one_vo, one_qk, planted_norms(-0.3, 0)};
  CHECK(to_string(lineage::judge(turned, 3, /*own_places=*/false).verdict) == "derived");
}

TEST_CASE("agreement below a tenth is too weak to come from copying") {
  const auto some_vo = planted(value_output, -50, 0.05),
             some_ffn = planted(feed_forward, -50, 0.05);
  const auto found = judged({some_vo, no_qk, some_ffn});
  CHECK(to_string(found.verdict) == "not_enough_evidence");
  CHECK(
      found.reason ==
      "agreement in v/o, ffn is too weak to come from copying; either side could have planted it");
  CHECK(verdict({vo, qk, some_ffn}) == "derived");
  CHECK(says(judged({no_vo, no_qk, planted(feed_forward, -8, 0.05)}), "reporting threshold") ==
        false);
}

TEST_CASE("coincidences of neurons support exact tests and carry no verdict alone") {
  auto coincidences = planted(feed_forward, -50, 0.8);
  coincidences.kind = lineage::EvidenceKind::model_based;
  CHECK(verdict({vo, qk, coincidences}) == "derived");
  for (const auto basis : {lineage::BasisKind::identity, lineage::BasisKind::rotation}) {
    coincidences.basis = basis;
    CHECK(verdict({no_vo, no_qk, coincidences}) == "not_enough_evidence");
  }
  std::vector<TestResult> alone = {no_vo, no_qk, coincidences};
  lineage::judge(alone, 3);
  CHECK(alone[2].outcome == Outcome::weak);
}

TEST_CASE("a component beside the model has a verdict of its own and does not speak about it") {
  const auto beside = [](double attention, double ffn_p, double embedded,
                         lineage::LineageJudgement judgement) {
    std::vector<TestResult> tests = {planted(tower_attention, attention, 0.9),
                                     planted(tower_ffn, ffn_p, 0.9),
                                     planted(embedding, embedded, 0.9)};
    lineage::judge_beside(tests, "the vision tower (visual)", judgement);
    return judgement;
  };
  const auto null = judged({no_vo, no_qk, no_ffn});
  const auto taken = beside(-50, -50, 0, null);
  CHECK(to_string(taken.verdict) == "shared_component");
  CHECK(taken.component == "the vision tower (visual)");
  CHECK(taken.rule == VerdictRule::other_component);
  CHECK(says(taken, "does not speak about the rest, of which: every family"));
  // A tower needs both families.
  CHECK(to_string(beside(-50, 0, 0, null).verdict) == "no_shared_weights");
  CHECK(to_string(beside(-50, -8, 0, null).verdict) == "no_shared_weights");
  CHECK(beside(0, 0, -50, null).component == "the token embedding");
  CHECK(beside(-50, -50, -50, null).component ==
        "the vision tower (visual) and the token embedding");
  CHECK(to_string(beside(-50, -50, 0, {}).verdict) ==
        "shared_component");  // nothing else to compare
  // Where something of the model stands out, the component is not the whole story.
  const auto more = beside(-50, -50, 0, judged({no_vo, weak_ffn}));
  CHECK(to_string(more.verdict) == "not_enough_evidence");
  CHECK(more.reason.ends_with("the vision tower (visual) agrees as well"));
  const auto all = beside(-50, -50, -50, judged({vo, qk, ffn}));
  CHECK(to_string(all.verdict) == "derived");
  CHECK(all.reason.ends_with("the vision tower (visual) and the token embedding agree as well"));
  CHECK(to_string(beside(-50, -50, 0, judged({vo, no_qk})).verdict) == "not_enough_evidence");
}

}  // namespace
}  // namespace wmk::test
