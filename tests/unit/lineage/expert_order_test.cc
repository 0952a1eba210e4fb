// T4c: experts whose neurons stand in the order of the dense layer they came from.
#include "lineage/tests/expert_order.h"

#include "checkpoint/numbers/widen.h"
#include "lineage/tests/expert_alignment.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;

checkpoint::UnitGroup group_of(uint64_t units, std::optional<uint64_t> expert) {
  checkpoint::UnitGroup group;
  group.units = units;
  group.expert = expert;
  group.gate = checkpoint::View{};
  return group;
}

TEST_CASE("experts in order go round the neurons of the dense layer") {
  checkpoint::Anatomy dense, experts;
  dense.width = experts.width = 8;
  dense.groups = {group_of(10, {})};
  for (uint64_t e = 0; e < 4; ++e) experts.groups.push_back(group_of(4, e));
  const lineage::Pair pair{{nullptr, nullptr, &experts, nullptr, {}},
                           {nullptr, nullptr, &dense, nullptr, {}}};
  const auto gauge = lineage::Gauge::identity(8);
  const auto slices = plan_slices(pair, gauge, {{0, 0}});
  CHECK(slices.has_experts);
  std::vector<std::array<uint64_t, 3>> places;  // of the suspect, of the reference, how many
  for (const auto& slice : slices.all) {
    places.push_back({slice.suspect_unit, slice.reference_unit, slice.count});
  }
  CHECK(places == std::vector<std::array<uint64_t, 3>>{
                      {0, 0, 4}, {4, 4, 4}, {8, 8, 2}, {10, 0, 2}, {12, 2, 4}});
  // Two mixtures of one shape by number; two dense models not at all; others not.
  lineage::Pair both = pair;
  both.reference.anatomy = &experts;
  CHECK(plan_slices(both, gauge, {{0, 0}}).all.size() == 4);
  both.suspect.anatomy = &dense;
  CHECK(plan_slices(both, gauge, {{0, 0}}).all.empty());
  both.reference.anatomy = &dense;
  CHECK_FALSE(plan_slices(both, gauge, {{0, 0}}).has_experts);
}

// A mixture whose experts are the model's FFN as it stands, with noise.
std::filesystem::path experts_in_order(const std::filesystem::path& model, const char* count) {
  const auto form = attacked("upcycle", {{"experts", count}, {"reinit", "1"}}, model);
  auto opened = lab::Model::open(form);
  REQUIRE(opened);
  const OpenedSide from = open_side(model);
  for (lab::PlannedTensor& tensor : opened->plan().tensors) {
    const auto at = tensor.name.find("block_sparse_moe.experts.");
    if (at == std::string::npos) continue;
    const std::string matrix = tensor.name.ends_with("w1.weight")   ? "gate_proj"
                               : tensor.name.ends_with("w3.weight") ? "up_proj"
                                                                    : "down_proj";
    const auto* source =
        from.checkpoint.find(tensor.name.substr(0, at) + "mlp." + matrix + ".weight");
    REQUIRE(source != nullptr);
    tensor.edits.push_back(values_of(from, *source));
  }
  auto out = model;
  out += "-in-order";
  REQUIRE(opened->save(out, false, 2, nullptr));
  return attacked("drift", {{"drift", "0.3"}}, out);
}

TEST_CASE("experts that kept their order are found by it and those of strangers are not") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto other = compared_model(scratch, "other", 2);
  const auto experts = experts_in_order(model, "4");
  const auto found = compared(experts, model);
  const auto& test = test_named(found, "T4c neurons in order");
  INFO(test.note);
  CHECK(test.outcome == Outcome::hit);
  CHECK(test.effect > 0.9);
  CHECK(word(found.judgement.verdict) == "derived");
  // Shuffled, the same neurons are left to T4a.
  const auto shuffled = compared(attacked("permute", {}, experts), model);
  CHECK(test_named(shuffled, "T4c neurons in order").outcome == Outcome::null);
  CHECK(test_named(shuffled, "T4a neuron signs").outcome == Outcome::hit);
  // Experts of a third model are copies of each other, and their signs are counted once.
  const auto unrelated = compared(experts_in_order(other, "8"), model);
  CHECK(test_named(unrelated, "T4c neurons in order").outcome == Outcome::null);
  CHECK(word(unrelated.judgement.verdict) == "no_shared_weights");
  // A mixture beside a tuned copy of itself, expert by expert: both hold copies, so there is no p.
  const auto tuned = compared(attacked("drift", {{"drift", "0.2"}}, experts), experts);
  const auto& same = test_named(tuned, "T4c neurons in order");
  CHECK(same.effect > 0.9);
  CHECK_FALSE(same.log10_p);
}

TEST_CASE("neurons in order follow chance on models that have nothing to do with each other") {
  Scratch scratch;
  auto shape = compared_shape();
  shape.layers = 2;
  const std::vector<lineage::LayerPair> layers = {{0, 0}, {1, 1}};
  double squares = 0;
  constexpr int kRuns = 24;
  const auto third = open_side(experts_in_order(compared_model(scratch, "third", 99, shape), "8"));
  for (int run = 0; run < kRuns; ++run) {
    const auto a = open_side(compared_model(scratch, std::to_string(run), 100 + run, shape));
    const lineage::Pair pair{third.side(), a.side(), 2, 1, nullptr};
    const auto found = lineage::expert_order(pair, lineage::Gauge::identity(64), layers,
                                             {/*suspect=*/true, /*reference=*/false});
    REQUIRE(found);
    CHECK(found->signs.sum.terms == 2 * 192);
    squares += found->signs.sum.z() * found->signs.sum.z() / kRuns;
  }
  // Were copies not added up first, the deviation would be near the root of eight.
  CHECK(std::sqrt(squares) == Approx(1).margin(0.4));
}

}  // namespace
}  // namespace wmk::test
