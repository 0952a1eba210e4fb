// Signs as coins, tossed after the map by neurons was fitted (specs/lineage.md 4).
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "lineage/align/neuron_basis.h"
#include "lineage/circuits/circuit_agreement.h"
#include "lineage/shared_findings.h"
#include "lineage/tests/expert_neurons.h"
#include "lineage/tests/row_signs.h"
#include "neurons/carry/neuron_map.h"
#include "tests/support/null_statistics.h"
#include "tests/unit/lineage/compare_fixture.h"

namespace wmk::test {
namespace {

using lineage::LayerPair;

// Random signs for the sign groups of compared_shape().
class Coins {
 public:
  explicit Coins(uint64_t seed) : seed_(seed) {}

  // up and down, v and o, q and k turn together.
  void turn(const std::string& name, size_t columns, lab::Values& values) const {
    if (!name.ends_with("_proj.weight")) return;
    const auto layer = name.substr(0, name.find('.', name.find("layers.") + 7));
    const auto place = [](size_t i) { return i; };
    // Two query heads of 8 numbers share a value head; the two rows of a RoPE pair are 4 apart.
    const auto of_value = [](size_t i) { return i / 16 * 8 + i % 8; };
    const auto of_pair = [](size_t i) { return i % 4; };
    const auto is = [&](const char* part) { return name.find(part) != std::string::npos; };
    if (is("up_proj")) rows(layer + "u", columns, values, place);
    if (is("down_proj")) by_columns(layer + "u", columns, values, place);
    if (is("v_proj")) rows(layer + "v", columns, values, place);
    if (is("o_proj")) by_columns(layer + "v", columns, values, of_value);
    if (is("q_proj") || is("k_proj")) rows(layer + "q", columns, values, of_pair);
  }

 private:
  float sign(const std::string& what, size_t i) const {
    uint64_t mixed = std::hash<std::string>()(what) + seed_ * 1000003 + i * 0x9e3779b97f4a7c15;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return ((mixed >> 40) & 1) != 0 ? 1.0f : -1.0f;
  }
  using Coin = size_t (*)(size_t line);
  void rows(const std::string& what, size_t columns, lab::Values& values, Coin coin) const {
    for (size_t i = 0; i < values.size(); ++i) values[i] *= sign(what, coin(i / columns));
  }
  void by_columns(const std::string& what, size_t columns, lab::Values& values, Coin coin) const {
    for (size_t i = 0; i < values.size(); ++i) values[i] *= sign(what, coin(i % columns));
  }

  uint64_t seed_;
};

std::filesystem::path tossed(const Scratch& scratch, const std::string& name,
                             const std::filesystem::path& model, uint64_t seed) {
  const Coins coins(seed);
  return edited(scratch, name, model,
                [&](const std::string& tensor, size_t columns, lab::Values& values) {
                  coins.turn(tensor, columns, values);
                });
}

neurons::Model neurons_of(const OpenedSide& side) { return {&side.checkpoint, &side.anatomy}; }

neurons::ResidualMap map_of(const OpenedSide& suspect, const OpenedSide& reference) {
  auto map = neurons::map_neurons(neurons_of(suspect), neurons_of(reference), {2});
  REQUIRE(map);
  return *std::move(map);
}

// The tests of signs under a map, in the layers that it pairs.
struct UnderMap {
  lineage::ModelPair pair;
  lineage::Basis basis;
  std::vector<LayerPair> layers;

  UnderMap(const OpenedSide& suspect, const OpenedSide& reference, const neurons::ResidualMap& map)
      : pair{suspect.side(), reference.side(), 2, 1, nullptr},
        basis(lineage::Basis::rotation(map.suspect_width, map.release_width, map.o,
                                       lineage::BasisKind::neurons)) {
    REQUIRE(lineage::find_attention(pair.suspect));
    REQUIRE(lineage::find_attention(pair.reference));
    std::vector<LayerPair> all;
    for (const auto& [of_suspect, of_reference] : map.layer_pairs)
      all.push_back({of_suspect, of_reference});
    layers = lineage::one_to_one(std::move(all));
  }
  double coins() const {  // z of T4a
    const auto repeated = lineage::find_repeated_neurons(pair);
    REQUIRE(repeated);
    const auto found = lineage::expert_neurons(pair, basis, layers, *repeated);
    REQUIRE(found);
    return found->signs.z();
  }
  // z of T9 under the map, where it is shown and decides nothing, or in the models' own
  // coordinates.
  double circuits(bool own) const {
    const size_t width = pair.reference.width();
    const auto found = lineage::circuit_agreement(
        pair, own ? lineage::Basis::identity(width) : basis,
        own ? lineage::layers_by_number(pair) : layers, lineage::circuit_coordinates(width, 1, {}));
    REQUIRE(found);
    return found->signs.sum.z();
  }
  std::vector<double> rows() const {  // z of T1, of what can be compared
    const auto found = lineage::row_signs(pair, basis, layers);
    REQUIRE(found);
    std::vector<double> out;
    for (const auto* signs : {&found->value_output, &found->query_key, &found->up_down}) {
      if (signs->sum.terms > 0) out.push_back(signs->sum.z());
    }
    return out;
  }
};

std::vector<std::unique_ptr<OpenedSide>> open_all(std::string_view folders) {
  std::vector<std::unique_ptr<OpenedSide>> out;
  while (!folders.empty()) {
    const auto end = std::min(folders.find(':'), folders.size());
    out.push_back(std::make_unique<OpenedSide>(open_side(std::string(folders.substr(0, end)))));
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return out;
}

}  // namespace

TEST_CASE("the map by neurons is the same whatever the signs of rows are", "[lineage][coins]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto copy = attacked("rotate", {}, model);
  const auto expected = map_of(open_side(copy), open_side(model));
  const auto other_suspect = open_side(tossed(scratch, "suspect", copy, 5));
  const auto other_reference = open_side(tossed(scratch, "reference", model, 6));
  CHECK(map_of(other_suspect, open_side(model)).o == expected.o);
  const auto both = map_of(other_suspect, other_reference);
  CHECK(both.o == expected.o);
  CHECK(both.layer_pairs == expected.layer_pairs);
}

TEST_CASE("coins tossed after the map was fitted are fair", "[lineage][coins]") {
  Scratch scratch;
  const auto model = compared_model(scratch, "model", 1);
  const auto copy = attacked("rotate", {}, model);
  const OpenedSide reference = open_side(model);
  // All gates agree, and the untouched copy's coins all fall alike.
  const OpenedSide untouched = open_side(copy);
  const auto map = map_of(untouched, reference);
  CHECK(UnderMap(untouched, reference, map).coins() > 15);
  NullStatistics z;
  for (uint64_t toss = 0; toss < 200; ++toss) {
    const OpenedSide suspect = open_side(tossed(scratch, cat("toss", toss), copy, toss));
    z.add(UnderMap(suspect, reference, map).coins());
    std::filesystem::remove_all(scratch / cat("toss", toss));
  }
  INFO(z.text());
  CHECK(z.deviation() > 0.85);
  CHECK(z.deviation() < 1.15);
  CHECK(z.at_least(4) == 0);
}

TEST_CASE("each layer of the reference tosses its coins once", "[lineage][coins]") {
  const auto layers = lineage::one_to_one({{3, 1}, {0, 0}, {2, 1}, {5, 4}});
  REQUIRE(layers.size() == 3);
  CHECK(layers[1].suspect == 2);
  CHECK(layers[1].reference == 1);
  CHECK(layers[2].reference == 4);
}

// WMK_COIN_MODELS: folders of unrelated models separated by ':'. Each pair is compared under the
// best map between their neurons, confirmed or not; prints z of T4a and of T1.
TEST_CASE("coins of unrelated models are fair under the best map", "[real-coins]") {
  const char* list = std::getenv("WMK_COIN_MODELS");
  if (!list) {
    std::puts("skip - coins of unrelated models: WMK_COIN_MODELS names no folders");
    return;
  }
  const auto models = open_all(list);
  const size_t pairs = models.size() * (models.size() - 1);
  NullStatistics coins, rows, circuits, under_map;
  double confirmed = 0;
  for (size_t i = 0; i < models.size(); ++i) {
    for (size_t j = 0; j < models.size(); ++j) {
      if (i == j) continue;
      const auto map =
          neurons::map_neurons(neurons_of(*models[i]), neurons_of(*models[j]), {2, nullptr, 0});
      if (!map) continue;
      confirmed = std::max(confirmed, map->confirmed);
      const UnderMap under(*models[i], *models[j], *map);
      coins.add(under.coins());
      for (const double z : under.rows()) rows.add(z);
      circuits.add(under.circuits(true));
      under_map.add(under.circuits(false));
    }
  }
  REQUIRE(coins.count() > 0);
  std::printf("%zu pairs in both roles, %zu with a map, confirmed at most %.3f\n", pairs,
              coins.count(), confirmed);
  for (const auto& [name, z] : {std::pair("coins (T4a)", &coins), std::pair("rows (T1)", &rows),
                                std::pair("circuits (T9), own coordinates", &circuits),
                                std::pair("circuits (T9), under the map", &under_map)}) {
    std::printf("%s: %zu z, mean %.3f, deviation %.3f, largest |z| %.2f\n", name, z->count(),
                z->mean(), z->deviation(), z->largest_size());
    const double near = std::max(0.2, 4 / std::sqrt(static_cast<double>(z->count())));
    if (z->count() > 0) CHECK(std::abs(z->deviation() - 1) < near);
  }
}

}  // namespace wmk::test
