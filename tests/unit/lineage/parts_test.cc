// The parts of the tests, each alone.
#include <cmath>
#include <random>
#include <set>

#include "lineage/align/layer_map.h"
#include "lineage/forensics/soft_panel.h"
#include "lineage/model/row_cosines.h"
#include "lineage/model/token_table.h"
#include "lineage/tests/dominant_directions.h"
#include "lineage/tests/neuron_match.h"
#include "lineage/tests/neuron_strengths.h"
#include "lineage/tests/repeated_neurons.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Spelling;

TEST_CASE("tokens are compared by what they decode to") {
  CHECK(lineage::decoded("\xC4\xA0the", Spelling::byte_level) == " the");
  CHECK(lineage::decoded("\xC3\xA9", Spelling::byte_level) == "\xE9");
  CHECK(lineage::decoded("\xE2\x96\x81the", Spelling::sentencepiece) == " the");
  CHECK(lineage::decoded("<0x0A>", Spelling::sentencepiece) == "\n");
  CHECK(lineage::decoded("<0xZZ>", Spelling::sentencepiece) == "<0xZZ>");
  checkpoint::Vocabulary bytes{"t", {"#0", "\xC4\xA0the", "a"}, 2, 0};
  checkpoint::Vocabulary pieces{"t", {"a", "\xE2\x96\x81the"}, 2, 0};
  const auto table = lineage::match_tokens(bytes, pieces);
  CHECK(table.rows == std::vector<std::pair<uint64_t, uint64_t>>{{1, 1}, {2, 0}});
  // The nth token of a label with the nth: each row is matched at most once.
  checkpoint::Vocabulary repeated{"t", {"a", "b", "a", "a"}, 4, 0};
  checkpoint::Vocabulary twice{"t", {"a", "a", "b"}, 3, 0};
  CHECK(lineage::match_tokens(repeated, twice).rows ==
        std::vector<std::pair<uint64_t, uint64_t>>{{0, 0}, {1, 2}, {2, 1}});
  checkpoint::Vocabulary none{"", {"#0", "#1"}, 0, 0};
  CHECK(lineage::match_tokens(none, pieces).by_number);
}

TEST_CASE("layers are matched in increasing order") {
  const double score[] = {1, 0, 0, 0,  //
                          0, 0, 9, 0,  //
                          0, 0, 0, 5};
  CHECK(lineage::monotone_match(score, 3, 4) ==
        std::vector<std::pair<size_t, size_t>>{{0, 0}, {1, 2}, {2, 3}});
}

TEST_CASE("dominant directions of rows are removed") {
  std::mt19937_64 random(3);
  std::normal_distribution<float> gaussian;
  const size_t width = 64, count = 200;
  std::vector<float> rows(width * count);
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = gaussian(random) + (i % width == 7 ? 30 : 0);
  auto cleaned = rows;
  lineage::DominantDirections::find(rows, width, false).remove(cleaned);
  double before = 0, after = 0;
  for (size_t i = 1; i < count; ++i) {
    before += lineage::cosine(&rows[0], &rows[i * width], width) / (count - 1);
    after += lineage::cosine(&cleaned[0], &cleaned[i * width], width) / (count - 1);
  }
  CHECK(before > 0.8);
  CHECK(std::abs(after) < 0.05);
  // A row of zeros stays 0.
  std::vector<float> dead(width, 0.0f);
  lineage::DominantDirections::find(rows, width, true).remove(dead);
  CHECK(dead == std::vector<float>(width, 0.0f));
}

TEST_CASE("rows of any magnitude are scaled to length 1, and zeros stay") {
  std::vector<float> rows(4 * 2);
  const float sizes[] = {0x1p-80f, 0x1p80f, 1e-20f, 0};
  for (size_t i = 0; i < 4; ++i) rows[2 * i] = 3 * sizes[i], rows[2 * i + 1] = -4 * sizes[i];
  lineage::normalise_rows(rows, 2);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(rows[2 * i] == Approx(0.6));
    CHECK(rows[2 * i + 1] == Approx(-0.8));
  }
  CHECK(rows[6] == 0);
}

TEST_CASE("neurons of next to no strength are found whatever up and down are scaled by") {
  lineage::NeuronStrengths strengths(5);
  strengths.add(std::vector<float>{0x1p70f, 2, 1, 1, 0}, 1);
  strengths.add(std::vector<float>{0x1p-70f, 1, 0x1p-7f, 0x1p-40f, 1}, 1);
  CHECK(strengths.are_weak() == std::vector<bool>{false, false, false, true, true});
}

TEST_CASE("a signed permutation moves coordinates and changes signs") {
  const lineage::Basis basis{
      lineage::BasisKind::signed_permutation, 3, 3, {2, 0, -1}, {1, -1, 1}, {}};
  std::vector<float> out(3);
  basis.apply(std::vector<float>{5, 6, 7}, 1, out);
  CHECK(out == std::vector<float>{-6, 0, 5});
}

TEST_CASE("neurons of a permuted copy are found in three searches") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto a = open_side(model), b = open_side(attacked("permute", {}, model));
  const auto side_a = a.side(), side_b = b.side();
  const auto basis = lineage::Basis::identity(64);
  const auto found = lineage::match_neurons({&side_b, &basis, {1, 0}, &side_a, 1, 192, 1, false});
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK(found->front().matches.size() == 192);
  // Another layer has no copies of them.
  for (const auto& match : found->back().matches) CHECK(match.gate_cosine < 0.9);
  std::set<uint64_t> partners;
  for (const auto& match : found->front().matches) {
    CHECK(match.by_gate == match.by_up);
    CHECK(match.by_gate == match.by_down);
    CHECK(match.x > 1.8);
    partners.insert(match.by_gate);
  }
  CHECK(partners.size() == 192);
}

TEST_CASE("without a close gate row up and down are not searched") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto a = open_side(model), b = open_side(attacked("permute", {}, model));
  const auto side_a = a.side(), side_b = b.side();
  lineage::MatchRequest request{&side_b, nullptr, {1}, &side_a, 1, 192, 1, false, -1};
  const auto all = lineage::match_neurons(request);
  request.gate_cosine_min = 0.3;
  const auto close = lineage::match_neurons(request);
  request.query_layers = {0};
  const auto elsewhere = lineage::match_neurons(request);
  request.gate_cosine_min = 0.99;
  const auto gates = lineage::match_neurons(request);
  REQUIRE((all && close && elsewhere && gates));
  for (size_t i = 0; i < 192; ++i) {
    const auto &one = all->front().matches[i], &other = close->front().matches[i];
    CHECK(one.by_up == other.by_up);
    CHECK(one.x == other.x);
    const auto &searched = elsewhere->front().matches[i], &ended = gates->front().matches[i];
    CHECK(ended.by_gate == searched.by_gate);
    CHECK(ended.gate_cosine == searched.gate_cosine);
    CHECK(ended.x == 0);
    CHECK(ended.by_down == 0);
  }
}

TEST_CASE("clones with noise that cancels are copies") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto a = open_side(model), b = open_side(attacked("clone-neurons", {}, model));
  const auto side_a = a.side(), side_b = b.side();
  const lineage::ModelPair pair{side_b, side_a, 1, 1, nullptr};
  const auto repeated = lineage::find_repeated_neurons(pair);
  REQUIRE(repeated);
  CHECK(repeated->suspect);
  CHECK_FALSE(repeated->reference);
}

TEST_CASE("the correlation of two sigma curves by hand") {
  lineage::SigmaCurves a, b;
  for (size_t part = 0; part < 4; ++part) {
    a.of[part] = {1, 2, 3};
    b.of[part] = {2, 4, 7};
  }
  CHECK(lineage::curve_correlation(a, b) == Approx(5 / std::sqrt(2 * 114 / 9.0)));
  // One of four reversed; shorter curves are interpolated.
  b.of[3] = {3, 2, 1};
  CHECK(lineage::curve_correlation(a, b) == Approx((3 * 5 / std::sqrt(2 * 114 / 9.0) - 1) / 4));
  a.of[0] = a.of[1] = a.of[2] = a.of[3] = {1, 3};
  b.of[0] = b.of[1] = b.of[2] = b.of[3] = {0, 1, 2};
  CHECK(lineage::curve_correlation(a, b) == Approx(1));
}

TEST_CASE("sigma curves of unrelated models correlate") {
  // Two curves with the same trend over depth and independent noise.
  std::mt19937_64 random(9);
  std::normal_distribution<double> gaussian;
  double highest = 0;
  for (int run = 0; run < 20; ++run) {
    lineage::SigmaCurves curves[2];
    for (auto& side : curves) {
      for (auto& curve : side.of) {
        for (int layer = 0; layer < 48; ++layer)
          curve.push_back(layer / 48.0 + 0.1 * gaussian(random));
      }
    }
    highest = std::max(highest, lineage::curve_correlation(curves[0], curves[1]));
  }
  CHECK(highest > 0.9);
}

}  // namespace
}  // namespace wmk::test
