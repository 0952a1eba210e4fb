// Copies of every kind are recognised (specs/lineage.md).
#include <algorithm>

#include "checkpoint/numbers/widen.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

TEST_CASE("copies that were trained further and re-arranged are derived") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto tuned = attacked("drift", {{"drift", "0.3"}, {"embedding-drift", "0.1"}}, model);
  CHECK(verdict_of(tuned, model) == "derived");
  const auto moved = attacked("flip", {}, attacked("scale", {}, attacked("permute", {}, model)));
  const auto comparison = compared(moved, model);
  CHECK(to_string(comparison.judgement.verdict) == "derived");
  CHECK(test_named(comparison, "T4a neuron signs").outcome != lineage::Outcome::hit);
  CHECK(test_named(comparison, "T4b neuron coincidences").outcome == lineage::Outcome::hit);
  const auto permuted = compared(attacked("permute", {}, model, 3), model);
  CHECK(test_named(permuted, "T4a neuron signs").outcome == lineage::Outcome::hit);
}

TEST_CASE("a rotated or re-ordered residual stream is found through the embedding") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto ordered = compared(attacked("permute-residual", {}, model), model);
  CHECK(to_string(ordered.judgement.verdict) == "derived");
  CHECK(ordered.basis == lineage::BasisKind::signed_permutation);
  const auto noisy = attacked("drift", {{"drift", "0.2"}, {"embedding-drift", "0.2"}}, model);
  const auto rotated =
      compared(attacked("rotate", {}, attacked("shuffle-vocabulary", {}, noisy)), model);
  CHECK(to_string(rotated.judgement.verdict) == "derived");
  CHECK(rotated.basis == lineage::BasisKind::rotation);
}

TEST_CASE("upcycled models are derived with half or three quarters of the neurons re-initialised") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  for (const char* reinit : {"0.5", "0.75"}) {
    const auto experts = attacked(
        "upcycle", {{"experts", "4"}, {"reinit", reinit}, {"drift", "0.3"}}, model, reinit[2]);
    const auto found = compared(attacked("permute", {}, experts), model);
    INFO(reinit << " " << found.judgement.reason);
    CHECK(to_string(found.judgement.verdict) == "derived");
    double share = 0;
    for (const auto& expert : found.shares) share += expert.share / double(found.shares.size());
    CHECK(share == Approx(1 - std::stod(reinit)).margin(0.06));
  }
  const auto pieces = attacked("upcycle", {{"style", "fine-grained"}, {"experts", "8"}}, model);
  CHECK(verdict_of(pieces, model) == "derived");
}

TEST_CASE("dropped layers are no obstacle") {
  Scratch scratch;
  auto shape = compared_shape();
  shape.layers = 6;
  const auto model = compared_model(scratch, "model", 1, shape);
  const auto cut = compared(attacked("drop-layers", {{"fraction", "0.5"}}, model), model);
  CHECK(cut.layers.size() == 3);
  CHECK(to_string(cut.judgement.verdict) == "derived");
}

TEST_CASE("pruned or rounded or merged copies are derived") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto other = compared_model(scratch, "other", 2);
  CHECK(verdict_of(attacked("prune", {{"fraction", "0.5"}}, model), model) == "derived");
  CHECK(verdict_of(attacked("quantize", {{"bits", "4"}}, model), model) == "derived");
  const auto merged = attacked("merge", {{"with", other.string()}, {"weight", "0.5"}}, model);
  CHECK(verdict_of(merged, model) == "derived");
  CHECK(verdict_of(merged, other) == "derived");
}

TEST_CASE("one expert from elsewhere makes a model partly derived and is named") {
  Scratch scratch;
  const auto donor = compared_model(scratch, "donor", 1);
  const auto host = compared_model(scratch, "host", 2);
  const lab::DemoShape shape = compared_shape();
  const auto experts =
      attacked("upcycle", {{"experts", "4"}, {"reinit", "1"}, {"drift", "0"}}, host);
  // Expert 2 of every layer becomes the donor's FFN.
  auto opened = lab::Model::open(experts);
  REQUIRE(opened);
  const OpenedSide from = open_side(donor);
  for (lab::PlannedTensor& tensor : opened->plan().tensors) {
    for (const auto& [theirs, ours] :
         {std::pair{"w1.weight", "gate_proj.weight"}, std::pair{"w3.weight", "up_proj.weight"},
          std::pair{"w2.weight", "down_proj.weight"}}) {
      const auto at = tensor.name.find(std::string("block_sparse_moe.experts.2.") + theirs);
      if (at == std::string::npos) continue;
      const auto* source = from.checkpoint.find(tensor.name.substr(0, at) + "mlp." + ours);
      REQUIRE(source != nullptr);
      tensor.edits.push_back(values_of(from, *source));
    }
  }
  REQUIRE(opened->save(scratch / "suspect", false, 2, nullptr));
  const auto found = compared(scratch / "suspect", donor);
  CHECK(to_string(found.judgement.verdict) == "partly_derived");
  for (const auto& share : found.shares) {
    INFO(share.layer << " " << share.expert.value_or(99));
    CHECK((share.share > 0.8) == (share.expert == 2u));
  }
  CHECK(shape.layers * 4 == found.shares.size());
}

TEST_CASE("the answer is the same for any number of threads") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto rotated = attacked("rotate", {}, model);
  const auto one = compared(rotated, model, 1), three = compared(rotated, model, 3);
  REQUIRE(one.tests.size() == three.tests.size());
  for (size_t i = 0; i < one.tests.size(); ++i) {
    CHECK(one.tests[i].value == three.tests[i].value);
    CHECK(one.tests[i].log10_p == three.tests[i].log10_p);
  }
}

}  // namespace
}  // namespace wmk::test
