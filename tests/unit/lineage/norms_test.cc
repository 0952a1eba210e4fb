// T6: norm weights, as stored and folded into the matrices behind them.
#include <cmath>
#include <random>

#include "lineage/tests/folded_norms.h"
#include "lineage/tests/norm_weights.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lab::Values;

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

TEST_CASE("ratios of folded columns by hand") {
  // Norm weights (1, 2) over equal rows; the suspect's rows are longer and turned, which must not
  // matter.
  lineage::ColumnRatios copy(2);
  copy.add(std::vector<float>{3, 6}, std::vector<float>{1, 2});
  copy.add(std::vector<float>{2, -4}, std::vector<float>{-1, 2});
  CHECK(copy.correspond());
  CHECK(copy.both[0] / copy.squares[0] == Approx(1));
  CHECK(copy.both[1] / copy.squares[1] == Approx(1));
  CHECK(*lineage::folded_correlation(copy, {1, 2}, {}) == Approx(1));
  // The same rows under norm weights (2, 1): the ratios turn the reference's into these.
  lineage::ColumnRatios other(2);
  other.add(std::vector<float>{2, 1}, std::vector<float>{1, 2});
  CHECK(*lineage::folded_correlation(other, {1, 2}, {}) == Approx(-1));
  // The reference's are constant: the suspect's take their place. Both constant: nothing is known.
  CHECK(*lineage::folded_correlation(copy, {1, 1}, {1, 2}) == Approx(1));
  CHECK_FALSE(lineage::folded_correlation(copy, {1, 1}, {3, 3}));
  CHECK_FALSE(lineage::folded_correlation(copy, {}, {}));
}

// Multiplies norm weights by factors of their own and divides the matrices behind them.
std::filesystem::path with_norms(const Scratch& scratch, const std::string& name,
                                 const std::filesystem::path& model, bool folded) {
  const OpenedSide from = open_side(model);
  const auto factors = [&](const std::string& norm) {
    Values out = values_in(from, norm);
    std::mt19937_64 random(std::hash<std::string>{}(norm));
    std::normal_distribution<float> gaussian;
    for (float& value : out) value = folded ? 1 / value : std::exp2(2 * gaussian(random));
    return out;
  };
  return edited(
      scratch, name, model, [&](const std::string& tensor, size_t columns, Values& values) {
        const bool is_norm = tensor.find("layernorm") != std::string::npos;
        const auto layer = tensor.substr(0, tensor.find('.', sizeof "model.layers." - 1) + 1);
        const bool reads_first = tensor.find("self_attn.") != std::string::npos &&
                                 tensor.find("o_proj") == std::string::npos;
        const bool reads_second = tensor.find("gate_proj") != std::string::npos ||
                                  tensor.find("up_proj") != std::string::npos;
        if (!is_norm && !reads_first && !reads_second) return;
        const Values times = factors(is_norm       ? tensor
                                     : reads_first ? layer + "input_layernorm.weight"
                                                   : layer + "post_attention_layernorm.weight");
        for (size_t i = 0; i < values.size(); ++i) {
          values[i] *= is_norm ? times[i] : 1 / times[i % columns];
        }
      });
}

TEST_CASE("norm weights that were folded or moved do not hint at a shared initialisation") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto tuned = attacked("drift", {{"drift", "0.4"}}, model);
  const auto folded = with_norms(scratch, "folded", tuned, true);
  const auto moved = with_norms(scratch, "moved", tuned, false);
  for (const auto& suspect : {tuned, folded, moved}) {
    for (const auto& found : {compared(suspect, model), compared(model, suspect)}) {
      INFO(suspect << " " << found.judgement.reason);
      CHECK(test_named(found, "T1 row signs, v/o").effect < 0.95);
      CHECK(to_string(found.judgement.verdict) == "derived");
      CHECK(test_named(found, "T6 gains, folded").effect > 0.9);
    }
  }
  CHECK(test_named(compared(moved, model), "T6 gains").effect < 0.5);
}

TEST_CASE("models without norm weights cannot exclude a shared initialisation") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto bare = with_norms(scratch, "bare", model, true);  // all are 1, as where there are none
  const auto tuned = compared(attacked("drift", {{"drift", "0.4"}}, bare), bare);
  INFO(tuned.judgement.reason);
  CHECK(to_string(tuned.judgement.verdict) == "shared_initialisation_possible");
  CHECK(tuned.judgement.reason.find("cannot exclude a shared initialisation") != std::string::npos);
  CHECK(test_named(tuned, "T6 gains, folded").outcome == lineage::Outcome::not_run);
  // A closer copy is one.
  CHECK(verdict_of(attacked("drift", {{"drift", "0.1"}}, bare, 2), bare) == "derived");
}

}  // namespace
}  // namespace wmk::test
