// T7: candidate parents of a merge.
#include "lineage/forensics/parents.h"

#include <cmath>
#include <random>

#include "lineage/forensics/mixture.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

std::vector<float> random_numbers(std::mt19937_64& random, size_t count) {
  std::normal_distribution<float> gaussian;
  std::vector<float> out(count);
  for (float& value : out) value = gaussian(random);
  return out;
}

std::vector<float> sum_of(const std::vector<std::vector<float>>& parents,
                          const std::vector<float>& weights) {
  std::vector<float> out(parents[0].size());
  for (size_t i = 0; i < out.size(); ++i) {
    for (size_t k = 0; k < weights.size(); ++k) out[i] += weights[k] * parents[k][i];
  }
  return out;
}

TEST_CASE("the weights of a mixture sum to one and are found by hand") {
  // B = (1, 2) between (0, 0) and (2, 2): E = (1, 2), D = (2, 2), w = 6/8; the rest is (-.5, .5).
  const auto found =
      best_mixture(lineage::mixture_products(std::vector<float>{1, 2}, {{0, 0}, {2, 2}}));
  CHECK(found.weights[0] == Approx(0.25));
  CHECK(found.weights[1] == Approx(0.75));
  CHECK(found.explained == Approx(1 - 0.5 / 5));
}

TEST_CASE("parents of a merge get their weights and unrelated models none") {
  std::mt19937_64 random(4);
  std::vector<std::vector<float>> parents;
  const auto ancestor = random_numbers(random, 20000);
  for (int k = 0; k < 3; ++k) {  // two siblings, and an unrelated one
    parents.push_back(random_numbers(random, 20000));
    if (k < 2) parents[k] = sum_of({ancestor, parents[k]}, {1, 0.1f});
  }
  const auto merged =
      lineage::best_mixture(lineage::mixture_products(sum_of(parents, {0.7f, 0.3f, 0}), parents));
  CHECK(merged.weights[0] == Approx(0.7).margin(0.01));
  CHECK(merged.weights[1] == Approx(0.3).margin(0.01));
  CHECK(merged.weights[2] == Approx(0).margin(0.01));
  CHECK(merged.explained > 0.999);
  // The same candidate twice has no unique weights, but their sum is right.
  const auto twice = lineage::best_mixture(
      lineage::mixture_products(parents[1], {parents[0], parents[1], parents[1]}));
  CHECK(twice.weights[1] + twice.weights[2] == Approx(1).margin(1e-3));
  // Unrelated models explain nothing, whatever their weights are.
  const auto unrelated = lineage::mixture_products(random_numbers(random, 20000), parents);
  CHECK(lineage::best_mixture(unrelated).explained < 0);
  for (const double alone : unrelated.alone) CHECK(alone < 0.01);
}

TEST_CASE("several candidate parents are ranked and those of other shapes are listed") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto other = compared_model(scratch, "other", 2);
  const auto third = compared_model(scratch, "third", 3);
  auto shape = compared_shape();
  shape.layers = 3;
  const auto shallow = compared_model(scratch, "shallow", 4, shape);
  const auto merged = attacked("merge", {{"with", other.string()}, {"weight", "0.6"}}, model);
  const OpenedSide b = open_side(merged), a = open_side(third), o = open_side(other),
                   m = open_side(model), s = open_side(shallow);
  const auto fits = lineage::fit_parents(b.side(), {a.side(), o.side(), m.side(), s.side()}, 1, 2);
  REQUIRE(fits);
  const auto& parents = fits->parents;
  REQUIRE(parents.size() == 4);
  CHECK(fits->ranking.size() == 3);
  CHECK(fits->ranking[2] == 0);
  CHECK(fits->explained > 0.99);
  CHECK(parents[0].weight == Approx(0).margin(0.02));
  CHECK(parents[1].weight + parents[2].weight == Approx(1).margin(0.02));
  CHECK(parents[1].weight == Approx(0.6).margin(0.02));
  CHECK(parents[1].highest - parents[1].lowest < 0.05);
  CHECK(parents[3].missing == "depth 3 against 4");
  CHECK(fits->matrices.size() == 4 * 3);
  // If nothing can be compared, the result is empty and not an error.
  const auto none = lineage::fit_parents(s.side(), {a.side(), o.side()}, 1, 2);
  REQUIRE(none);
  CHECK(none->ranking.empty());
  CHECK(none->explained == 0);
}

}  // namespace
}  // namespace wmk::test
