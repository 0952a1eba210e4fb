// T4c: experts whose neurons are in the order of the dense layer they came from.
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

TEST_CASE("experts in order cycle through the neurons of the dense layer") {
  checkpoint::Anatomy dense, experts;
  dense.width = experts.width = 8;
  dense.groups = {group_of(10, {})};
  for (uint64_t e = 0; e < 4; ++e) experts.groups.push_back(group_of(4, e));
  const lineage::ModelPair pair{{nullptr, nullptr, &experts, nullptr, {}},
                                {nullptr, nullptr, &dense, nullptr, {}}};
  const auto basis = lineage::Basis::identity(8);
  const auto alignment = align_experts(pair, basis, {{0, 0}});
  CHECK(alignment.has_experts);
  std::vector<std::array<uint64_t, 3>> places;  // suspect, reference, count
  for (const auto& block : alignment.blocks) {
    places.push_back({block.suspect_number, block.reference_number, block.count});
  }
  CHECK(places == std::vector<std::array<uint64_t, 3>>{
                      {0, 0, 4}, {4, 4, 4}, {8, 8, 2}, {10, 0, 2}, {12, 2, 4}});
  // Two mixtures of equal shape correspond by number; two dense models and others do not.
  lineage::ModelPair both = pair;
  both.reference.anatomy = &experts;
  CHECK(align_experts(both, basis, {{0, 0}}).blocks.size() == 4);
  both.suspect.anatomy = &dense;
  CHECK(align_experts(both, basis, {{0, 0}}).blocks.empty());
  both.reference.anatomy = &dense;
  CHECK_FALSE(align_experts(both, basis, {{0, 0}}).has_experts);
}

// A mixture whose experts are copies of the model's FFN, with noise.
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

TEST_CASE("experts that kept their order are found by it and unrelated experts are not") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto other = compared_model(scratch, "other", 2);
  const auto experts = experts_in_order(model, "4");
  const auto found = compared(experts, model);
  const auto& test = test_named(found, "T4c neurons in order");
  INFO(test.note);
  CHECK(test.outcome == Outcome::hit);
  CHECK(test.effect > 0.9);
  CHECK(to_string(found.judgement.verdict) == "derived");
  // After shuffling, only T4a finds the same neurons.
  const auto shuffled = compared(attacked("permute", {}, experts), model);
  CHECK(test_named(shuffled, "T4c neurons in order").outcome == Outcome::null);
  CHECK(test_named(shuffled, "T4a neuron signs").outcome == Outcome::hit);
  // Experts of a third model are copies of each other; their signs are counted once.
  const auto unrelated = compared(experts_in_order(other, "8"), model);
  CHECK(test_named(unrelated, "T4c neurons in order").outcome == Outcome::null);
  CHECK(to_string(unrelated.judgement.verdict) == "no_shared_weights");
  // A mixture and a fine-tuned copy of it, expert by expert: both contain copies, so there is no p.
  const auto tuned = compared(attacked("drift", {{"drift", "0.2"}}, experts), experts);
  const auto& same = test_named(tuned, "T4c neurons in order");
  CHECK(same.effect > 0.9);
  CHECK_FALSE(same.log10_p);
}

TEST_CASE("neurons in order follow chance in unrelated models") {
  Scratch scratch;
  auto shape = compared_shape();
  shape.layers = 2;
  const std::vector<lineage::LayerPair> layers = {{0, 0}, {1, 1}};
  double squares = 0;
  constexpr int kRuns = 24;
  const auto third = open_side(experts_in_order(compared_model(scratch, "third", 99, shape), "8"));
  for (int run = 0; run < kRuns; ++run) {
    const auto a = open_side(compared_model(scratch, std::to_string(run), 100 + run, shape));
    const lineage::ModelPair pair{third.side(), a.side(), 2, 1, nullptr};
    const auto found = lineage::expert_order(pair, lineage::Basis::identity(64), layers,
                                             {/*suspect=*/true, /*reference=*/false});
    REQUIRE(found);
    CHECK(found->signs.sum.terms == 2 * 192);
    squares += found->signs.sum.z() * found->signs.sum.z() / kRuns;
  }
  // Without adding up copies first, the deviation would be near the root of eight.
  CHECK(std::sqrt(squares) == Approx(1).margin(0.4));
}

}  // namespace
}  // namespace wmk::test
