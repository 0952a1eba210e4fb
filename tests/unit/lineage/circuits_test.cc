// Circuits of heads: what mixing V and O leaves as it was (specs/lineage.md 3, 15).
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "lineage/align/head_matching.h"
#include "lineage/circuits/circuit_agreement.h"
#include "lineage/circuits/circuit_terms.h"
#include "lineage/tests/row_signs.h"
#include "tests/support/null_statistics.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Basis;
using lineage::EvidenceKind;
using lineage::HeadCircuits;
using lineage::Outcome;

constexpr const char* kCircuits = "T9 head circuits";

// Wide enough for a hit: 120 coins.
lab::DemoShape wide_shape() {
  lab::DemoShape shape = compared_shape();
  shape.width = 160;
  shape.units = 96;
  shape.layers = 12;
  return shape;
}

struct OpenedPair {
  OpenedSide suspect, reference;
  lineage::ModelPair pair;

  OpenedPair(const std::filesystem::path& b, const std::filesystem::path& a)
      : suspect(open_side(b)),
        reference(open_side(a)),
        pair{suspect.side(), reference.side(), 2, 1, nullptr} {
    REQUIRE(lineage::find_attention(pair.suspect));
    REQUIRE(lineage::find_attention(pair.reference));
  }
  lineage::CircuitAgreement under(const Basis& basis) const {
    const auto coordinates = lineage::circuit_coordinates(pair.reference.width(), pair.seed, {});
    const auto layers = lineage::layers_by_number(pair);
    auto found = lineage::circuit_agreement(pair, basis, layers, coordinates);
    REQUIRE(found);
    return *std::move(found);
  }
};

TEST_CASE("circuits of two heads by hand", "[lineage]") {
  // One coordinate for matching, two for testing; for each of these its column, then its row.
  const HeadCircuits a{2, 2, 1, 2, {1, -1}, {1, 1, 1, -1, 1, 1, -1, 1}};
  // The suspect's heads in the other order, one sign changed.
  const HeadCircuits b{2, 2, 1, 2, {-1, 1}, {1, 1, -1, 1, 1, 1, 1, 1}};
  const auto matched = lineage::match_heads(b, a);
  REQUIRE(matched.size() == 2);
  CHECK(matched[0].reference == 1);
  CHECK(matched[1].reference == 0);
  const auto found = lineage::compare_circuits(b, a);
  // First coordinate: 2 + 2 for the matched heads, 2 + 2 for the others; second: 2 + 0 and -2 + 0.
  CHECK(found.x == std::vector<double>{0, 4});
  CHECK(found.cosines == 6);
  CHECK(found.heads == 2);
  CHECK(found.in_place == 2);
}

TEST_CASE("coordinates that had a part in matching layers toss no coins", "[lineage]") {
  std::vector<size_t> taken(40);
  std::iota(taken.begin(), taken.end(), size_t{3});
  const auto found = lineage::circuit_coordinates(96, 1, taken);
  CHECK(found.matching.size() == 24);
  CHECK(found.testing.size() == 56);
  for (const size_t i : found.matching) CHECK(std::count(taken.begin(), taken.end(), i) == 1);
  for (const size_t i : found.testing) CHECK(std::count(taken.begin(), taken.end(), i) == 0);
  const auto all = lineage::circuit_coordinates(1000, 1, {});
  CHECK(all.matching.size() == 64);
  CHECK(all.testing.size() == 512);
}

TEST_CASE("mixed heads of a copy hit by their circuits", "[lineage]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1, wide_shape());
  const auto mixed = attacked("mix-heads", {}, model);
  const auto found = compared(mixed, model);
  CHECK(to_string(found.judgement.verdict) == "derived");
  CHECK(test_named(found, "T1 row signs, v/o").outcome != Outcome::hit);
  CHECK(test_named(found, "T1 row signs, q/k").effect == Approx(1).margin(0.01));
  const auto& circuits = test_named(found, kCircuits);
  INFO(circuits.note);
  CHECK(circuits.outcome == Outcome::hit);
  CHECK(circuits.kind == EvidenceKind::exact);
  CHECK(circuits.value > 10.5);  // at most the root of 120
  CHECK(circuits.effect > 0.99);
  CHECK(found.judgement.families[0].hit);
  // With a new FFN attention alone agrees, as without the mixing.
  const auto alone = compared(attacked("fresh-ffn", {}, mixed), model);
  INFO(alone.judgement.reason);
  CHECK(to_string(alone.judgement.verdict) == "partly_derived");
  CHECK(alone.judgement.families[0].hit);
  CHECK(alone.judgement.families[1].hit);
}

TEST_CASE("mixed heads of a rotated copy hit in fitted coordinates", "[lineage]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1, wide_shape());
  const auto mixed = attacked("rotate", {}, attacked("mix-heads", {}, model));
  const auto found = compared(mixed, model);
  CHECK(to_string(found.judgement.verdict) == "derived");
  const auto& circuits = test_named(found, kCircuits);
  INFO(circuits.note);
  CHECK(circuits.outcome == Outcome::hit);
  CHECK(circuits.kind == EvidenceKind::model_based);
  CHECK(circuits.value == 96);  // all heads
}

TEST_CASE("circuits of unrelated models show nothing", "[lineage]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1, wide_shape());
  const auto other = compared_model(scratch, "other", 2, wide_shape());
  for (const auto& found :
       {compared(other, model), compared(attacked("mix-heads", {}, other), model)}) {
    const auto& circuits = test_named(found, kCircuits);
    INFO(circuits.note);
    CHECK(to_string(found.judgement.verdict) == "no_shared_weights");
    CHECK(circuits.outcome == Outcome::null);
    CHECK(std::abs(circuits.effect) < 0.05);
  }
}

TEST_CASE("signs of residual coordinates are coins for circuits", "[lineage][coins]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const OpenedPair both(attacked("mix-heads", {}, model), model);
  const size_t width = both.reference.anatomy.width;
  CHECK(both.under(Basis::identity(width)).signs.sum.z() > 6.5);
  std::mt19937_64 random(7);
  NullStatistics z;
  for (int toss = 0; toss < 200; ++toss) {
    Basis turned{lineage::BasisKind::signed_permutation, width, width, {}, {}, {}};
    for (size_t i = 0; i < width; ++i) {
      turned.place.push_back(static_cast<int64_t>(i));
      turned.sign.push_back(random() % 2 ? 1.0f : -1.0f);
    }
    z.add(both.under(turned).signs.sum.z());
  }
  INFO(z.text());
  CHECK(z.deviation() > 0.85);
  CHECK(z.deviation() < 1.15);
  CHECK(z.at_least(4) == 0);
}

TEST_CASE("where coordinates are no coins circuits have no exact p", "[lineage]") {
  lineage::CircuitAgreement found;
  found.places = {270, 30, 250, 30, true};
  found.cosine = 0.9;
  const auto fitted = circuit_result(found, Basis::identity(8), false);
  CHECK(fitted.kind == EvidenceKind::model_based);
  CHECK(fitted.value == 250);
  CHECK(*fitted.log10_p < -50);
  CHECK(fitted.effect_min == Approx(0.3));
  // Wrong layers that agree too often count against it.
  found.places.next_place = 240;
  CHECK(circuit_result(found, Basis::identity(8), false).outcome == Outcome::control_failed);
  found.places = {9, 1, 9, 0, true};
  CHECK(circuit_result(found, Basis::identity(8), false).outcome == Outcome::not_run);
}

TEST_CASE("behind a LayerNorm signs of coordinates are not free", "[lineage]") {
  Scratch scratch;
  const auto is_free = [&](const char* architecture, const char* type) {
    const auto folder = scratch / architecture;
    std::filesystem::create_directory(folder);
    write_tiny_model(folder, architecture);
    OpenedSide opened = open_side(folder);
    opened.config.model_type = type;
    return has_free_coordinate_signs(opened.side());
  };
  CHECK_FALSE(is_free("gpt_neox", "gpt_neox"));
  CHECK(is_free("llama", "llama"));
  std::filesystem::remove_all(scratch / "llama");
  CHECK_FALSE(is_free("llama", "olmo"));  // without a bias
}

TEST_CASE("the bound for heads in groups holds by hand and by simulation", "[lineage]") {
  // Three groups of three: all in place with probability 1 / (3! 6^3) = 10^-3.11.
  const double all = lineage::PlaceMatches::log10_p_in_groups(9, 1);
  CHECK(all > std::log10(1.0 / 1296));
  CHECK(all == Approx(-2.10).margin(0.02));
  CHECK(lineage::PlaceMatches::log10_p(9, 1) < std::log10(1.0 / 1296));  // of single places
  CHECK(lineage::PlaceMatches::log10_p_in_groups(0, 4) == 0);
  std::mt19937_64 random(3);
  constexpr size_t kRuns = 20000, kLayers = 4;
  std::vector<size_t> count(9 * kLayers + 1);
  for (size_t run = 0; run < kRuns; ++run) {
    size_t in_place = 0;
    for (size_t layer = 0; layer < kLayers; ++layer) {
      std::vector<size_t> groups = {0, 1, 2};
      std::shuffle(groups.begin(), groups.end(), random);
      for (size_t group = 0; group < 3; ++group) {
        std::vector<size_t> heads = {0, 1, 2};
        std::shuffle(heads.begin(), heads.end(), random);
        for (size_t i = 0; i < 3; ++i) in_place += groups[group] == group && heads[i] == i;
      }
    }
    for (size_t k = 0; k <= in_place; ++k) ++count[k];
  }
  for (size_t k = 1; k < count.size(); ++k) {
    const double bound = std::pow(10, lineage::PlaceMatches::log10_p_in_groups(k, kLayers));
    CHECK(static_cast<double>(count[k]) / kRuns <= bound + 0.005);
  }
}

// Four heads in two groups. Each has one entry, which is given, among any coordinates.
HeadCircuits heads_with(const std::vector<size_t>& entries) {
  HeadCircuits out{4, 2, 8, 1, std::vector<float>(4 * 64), std::vector<float>(4 * 16)};
  for (size_t i = 0; i < 4; ++i) {
    out.inner[i * 64 + entries[i]] = 1;
    out.outer[i * 16 + entries[i]] = out.outer[i * 16 + 8 + entries[i]] = 1;
  }
  return out;
}

TEST_CASE("groups of heads are matched, and query heads within them", "[lineage]") {
  const HeadCircuits a = heads_with({0, 1, 2, 3});
  const auto order = lineage::head_order(heads_with({3, 2, 0, 1}), a);
  CHECK(order.key_value == std::vector<size_t>{1, 0});
  CHECK(order.query == std::vector<size_t>{2, 3, 1, 0});
  CHECK(lineage::head_order(a, a).query.empty());  // in order
  // Heads that agree no better at the other coordinates stay in theirs.
  HeadCircuits other = heads_with({3, 2, 0, 1});
  other.outer = a.outer;
  CHECK(lineage::head_order(other, a).query.empty());
}

// Blocks of `size` lines each take the place of the next one.
void move_heads(size_t size, size_t columns, bool by_columns, lab::Values& values) {
  const lab::Values old = values;
  const size_t lines = by_columns ? columns : values.size() / columns;
  const size_t across = values.size() / lines;
  for (size_t i = 0; i < lines; ++i) {
    const size_t from = (i + size) % lines;
    for (size_t j = 0; j < across; ++j) {
      by_columns ? values[j * columns + i] = old[j * columns + from]
                 : values[i * columns + j] = old[from * columns + j];
    }
  }
}

TEST_CASE("heads that changed places are found by their circuits", "[lineage]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  // Four groups of two query heads of 8 dimensions.
  const auto moved = edited(
      scratch, "moved", model, [](const std::string& name, size_t columns, lab::Values& values) {
        const auto is = [&](const char* part) { return name.find(part) != std::string::npos; };
        if (is("q_proj")) move_heads(16, columns, false, values);
        if (is("k_proj") || is("v_proj")) move_heads(8, columns, false, values);
        if (is("o_proj")) move_heads(16, columns, true, values);
      });
  const auto found = compared(moved, model);
  CHECK(to_string(found.judgement.verdict) == "derived");
  for (const char* name : {"T1 row signs, v/o", "T1 row signs, q/k"}) {
    const auto& test = test_named(found, name);
    INFO(test.note);
    CHECK(test.outcome == Outcome::hit);
    CHECK(test.effect > 0.99);
    CHECK(test.note.find("heads in another order in 4 layers") != std::string::npos);
  }
  // Of other models heads stay where they are.
  const auto other = compared(compared_model(scratch, "other", 2), model);
  CHECK(test_named(other, "T1 row signs, v/o").note.find("heads in another order") ==
        std::string::npos);
}

}  // namespace
}  // namespace wmk::test
