// What structure shows: copies inside both models, and the direction of copying.
#include "lineage/forensics/parents.h"
#include "lineage/tests/row_signs.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::Outcome;

// Every layer of the model twice.
std::filesystem::path with_layers_twice(const Scratch& scratch, const std::string& name,
                                        const std::filesystem::path& model) {
  const OpenedSide from = open_side(model);
  auto shape = compared_shape();
  const uint64_t depth = shape.layers;
  shape.layers = 2 * depth;
  const auto larger = compared_model(scratch, name + "-larger", 9, shape);
  return edited(scratch, name, larger, [&](const std::string& tensor, size_t, lab::Values& values) {
    constexpr std::string_view kLayers = "model.layers.";
    if (!tensor.starts_with(kLayers)) {
      values = values_in(from, tensor);
      return;
    }
    const auto end = tensor.find('.', kLayers.size());
    const auto number = std::stoull(tensor.substr(kLayers.size(), end - kLayers.size()));
    values =
        values_in(from, std::string(kLayers) + std::to_string(number % depth) + tensor.substr(end));
  });
}

TEST_CASE("signs of repeated layers are added up where both models repeat them") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1),
             other = compared_model(scratch, "other", 2);
  const auto twice = with_layers_twice(scratch, "twice", model);
  const auto others = with_layers_twice(scratch, "others", other);
  const auto copy = compared(attacked("drift", {{"drift", "0.2"}}, twice), twice);
  INFO(copy.judgement.reason);
  CHECK(to_string(copy.judgement.verdict) == "derived");
  const auto& signs = test_named(copy, "T1 row signs, v/o");
  CHECK(signs.kind == lineage::EvidenceKind::exact);
  CHECK(signs.note.find("over 128 sign groups") != std::string::npos);  // 4 layers, 4 heads of 8
  CHECK(signs.effect == Approx(0.98).margin(0.02));
  // Unrelated: the grouped z is that of the layers without copies.
  const auto unrelated = compared(others, twice), once = compared(other, model);
  CHECK(to_string(unrelated.judgement.verdict) == "no_shared_weights");
  for (const char* name : {"T1 row signs, v/o", "T1 row signs, q/k", "T1 row signs, up/down"}) {
    CHECK(test_named(unrelated, name).value == Approx(test_named(once, name).value).margin(1e-6));
  }
}

TEST_CASE("where both models hold copies of neurons their signs have no exact p") {
  Scratch scratch;
  const auto clones = [&](const char* name, uint64_t seed) {
    return attacked("clone", {{"fraction", "0.5"}}, compared_model(scratch, name, seed), 3);
  };
  const auto model = clones("model", 1), other = clones("other", 2);
  const auto unrelated = compared(other, model);
  CHECK(test_named(unrelated, "T4d copies inside one model").value == 3);
  CHECK_FALSE(test_named(unrelated, "T1 row signs, up/down").log10_p);
  CHECK(to_string(unrelated.judgement.verdict) == "no_shared_weights");
  const auto copy = compared(attacked("drift", {{"drift", "0.1"}}, model), model);
  CHECK(to_string(copy.judgement.verdict) == "derived");
}

TEST_CASE("direction is stated only where structure shows it") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1),
             other = compared_model(scratch, "other", 2);
  const auto direction = [&](const std::filesystem::path& suspect,
                             const std::filesystem::path& reference) {
    const auto found = compared(suspect, reference);
    INFO(found.judgement.reason);
    CHECK(to_string(found.judgement.verdict) == "derived");
    for (const char* claim : {"comes from", "come from", "made from"}) {
      CHECK(found.judgement.reason.find(claim) == std::string::npos);
    }
    return found.judgement.direction;
  };
  const auto has = [](const std::string& text, const char* words) {
    return text.find(words) != std::string::npos;
  };
  const auto tuned = attacked("drift", {{"drift", "0.2"}}, model);
  CHECK(direction(tuned, model).empty());
  CHECK(direction(model, tuned).empty());
  const auto experts = attacked("upcycle", {{"experts", "4"}, {"reinit", "0.5"}}, model);
  CHECK(has(direction(experts, model), "which the reference has: upcycled"));
  CHECK(has(direction(model, experts), "the reference was upcycled"));
  const auto pruned = attacked("prune", {{"fraction", "0.5"}}, model);
  CHECK(has(direction(pruned, model), "the suspect was pruned: 50 %"));
  CHECK(has(direction(model, pruned), "the reference was pruned: 50 %"));
  CHECK(has(direction(attacked("quantize", {{"bits", "4"}}, model), model), "quantised"));
  // Two bits round many values to 0, which is no pruning.
  const auto rounded = attacked("quantize", {{"bits", "2"}}, model, 2);
  CHECK_FALSE(has(direction(rounded, model), "pruned"));
  CHECK_FALSE(has(direction(model, rounded), "pruned"));
  // No direction where nothing is shared.
  CHECK(
      compared(attacked("upcycle", {{"experts", "4"}}, other), model).judgement.direction.empty());
}

TEST_CASE("a mixture of two candidates is one and a copy of either is not") {
  lineage::ParentFits fits;
  fits.parents = {{"", 0.6, 0.6, 0.6, 0.7}, {"", 0.4, 0.4, 0.4, 0.5}};
  fits.ranking = {0, 1};
  fits.explained = 0.99;
  CHECK(is_mixture(fits));
  fits.parents[0].alone = 0.985;  // nearly all of it by itself
  CHECK_FALSE(is_mixture(fits));
  fits.parents[0].alone = 0.7;
  fits.parents[1].weight = 0.01;
  CHECK_FALSE(is_mixture(fits));
  fits.parents[1].weight = 0.4;
  fits.explained = 0.5;
  CHECK_FALSE(is_mixture(fits));
}

}  // namespace
}  // namespace wmk::test
