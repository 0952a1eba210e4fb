// Another tower beside the language model: plain attention and MLPs with equal names and shapes.
#include "lineage/tower/tower.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "lineage/tests/place_matches.h"
#include "lineage/tower/tower_parts.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;
using lineage::PlaceMatches;

constexpr uint64_t kWidth = 48, kUnits = 96, kBlocks = 4;

TEST_CASE("the bound for neurons in their places holds by hand and by simulation") {
  CHECK(PlaceMatches::log10_p(3, 1) == Approx(-std::log10(6.0)));
  CHECK(PlaceMatches::log10_p(2, 3) == 0);  // 9 / 2
  CHECK(PlaceMatches::log10_p(0, 1) == 0);
  CHECK(PlaceMatches::log10_p(100, 4) == Approx(-97.8).margin(0.05));
  // For any rows in random order the bound is above the observed frequency.
  std::mt19937_64 random(7);
  std::normal_distribution<float> gaussian;
  constexpr int kRuns = 4000;
  int three = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<uint64_t> order(12), places(12);
    std::iota(order.begin(), order.end(), 0u);
    std::iota(places.begin(), places.end(), 0u);
    std::shuffle(order.begin(), order.end(), random);
    // The neurons of one model in another order: each finds itself in its new place.
    std::vector<lineage::Closest> closest;
    for (const uint64_t place : order) closest.push_back({1, place});
    three += PlaceMatches::of(closest, places, 12).in_place >= 3;
  }
  CHECK(three < kRuns * (1 / 6.0) * 1.1);
  CHECK(three > kRuns * 0.05);
}

// The model with a tower; another seed gives another tower.
std::filesystem::path with_tower(const std::filesystem::path& model, const std::string& name,
                                 uint64_t seed, bool fused, float noise = 0) {
  auto opened = lab::Model::open(model);
  REQUIRE(opened);
  const auto add = [&](const std::string& tensor, uint64_t rows, uint64_t columns) {
    lab::PlannedTensor planned;
    planned.name = "model.visual.blocks." + tensor + ".weight";
    planned.dtype = checkpoint::DType::f32;
    planned.shape = {rows, columns};
    const uint64_t own = seed * 1000 + std::hash<std::string>{}(tensor) % 997;
    planned.source = [own, noise, count = rows * columns]() -> Result<lab::Values> {
      std::mt19937_64 random(own), more(own + 5);
      std::normal_distribution<float> gaussian;
      lab::Values values(count);
      for (float& value : values) value = gaussian(random);
      for (float& value : values) value += noise * gaussian(more);
      return values;
    };
    opened->plan().tensors.push_back(std::move(planned));
  };
  for (uint64_t block = 0; block < kBlocks; ++block) {
    const std::string at = std::to_string(block) + ".";
    if (fused) {
      add(at + "attn.qkv", 3 * kWidth, kWidth);
      add(at + "attn.proj", kWidth, kWidth);
    } else {
      add(at + "self_attn.v_proj", kWidth, kWidth);
      add(at + "self_attn.out_proj", kWidth, kWidth);
    }
    add(at + "mlp.fc1", kUnits, kWidth);
    add(at + "mlp.fc2", kWidth, kUnits);
  }
  auto out = model;
  out += "-" + name;
  REQUIRE(opened->save(out, false, 2, nullptr));
  return out;
}

TEST_CASE("a tower that both models have is a shared component and an unrelated tower is not") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1),
             other = compared_model(scratch, "other", 2);
  for (const bool fused : {false, true}) {
    const std::string form = fused ? "fused" : "apart";
    const auto reference = with_tower(model, form, 1, fused);
    const auto taken = compared(with_tower(other, form + "taken", 1, fused, 0.5f), reference);
    INFO(taken.judgement.reason);
    CHECK(to_string(taken.judgement.verdict) == "shared_component");
    CHECK(taken.judgement.component == "the vision tower (visual.blocks)");
    CHECK(taken.judgement.reason.find("does not speak about the rest") != std::string::npos);
    CHECK(test_named(taken, "T1 other tower, v/o").outcome == Outcome::hit);
    CHECK(test_named(taken, "T1 other tower, neurons in place").outcome == Outcome::hit);
    CHECK(test_named(taken, "T1 other tower, v/o").note.find("visual.blocks") != std::string::npos);
    CHECK(taken.judgement.families.size() == 7);
    // A new tower, with a new model and with a copied one.
    const auto own = compared(with_tower(other, form + "own", 2, fused), reference);
    CHECK(to_string(own.judgement.verdict) == "no_shared_weights");
    CHECK(test_named(own, "T1 other tower, v/o").outcome == Outcome::null);
    CHECK(test_named(own, "T1 other tower, neurons in place").outcome == Outcome::null);
    const auto mixed = compared(with_tower(model, form + "mixed", 3, fused), reference);
    CHECK(to_string(mixed.judgement.verdict) == "derived");
    CHECK(mixed.judgement.reason.ends_with("the other tower shows nothing in its own coordinates"));
  }
  // Towers of different forms, and models without one, are not compared.
  const auto apart = compared(model.string() + "-apart", model.string() + "-fused");
  CHECK(to_string(apart.judgement.verdict) == "derived");
  CHECK(compared(other, model.string() + "-apart").judgement.families.size() == 5);
}

}  // namespace
}  // namespace wmk::test
