// The views of every architecture against an independent table (expected_views.h).
#include <catch2/catch.hpp>
#include <map>
#include <sstream>

#include "base/text.h"
#include "checkpoint/layout/anatomy.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/checkpoint/layout/expected_views.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace wmk::test;

std::string filled_in(std::string name, uint64_t layer, uint64_t expert) {
  for (const auto& [mark, value] : {std::pair("{l}", layer), std::pair("{e}", expert)}) {
    if (const size_t at = name.find(mark); at != std::string::npos) {
      name.replace(at, 3, std::to_string(value));
    }
  }
  return name;
}

// One model in memory and on disk. All its elements are different integers.
struct Model {
  Scratch scratch;
  TinySizes sizes{.dtype = DType::f32};
  std::map<std::string, StoredTensor> tensors;

  explicit Model(const std::string& architecture) {
    float next = 0;
    const Fill count_up = [&](std::string_view, uint64_t) { return next++; };
    auto made = tiny_tensors(architecture, sizes, count_up);
    REQUIRE(next < 16'777'216.0f);
    write_safetensors(scratch / "model.safetensors", made);
    for (StoredTensor& tensor : made) tensors[tensor.name] = std::move(tensor);
  }

  uint64_t units(char symbol) const {
    if (symbol == 'X') return sizes.experts * sizes.expert_units;
    return symbol == 'I' ? sizes.units : symbol == 'M' ? sizes.expert_units : sizes.shared_units;
  }

  // The element of `spot` by hand.
  float by_hand(const Spot& spot, uint64_t layer, uint64_t e, uint64_t i, uint64_t c,
                uint64_t units) const {
    const StoredTensor& tensor = tensors.at(filled_in(spot.name, layer, e));
    const std::map<std::string, uint64_t> values = {
        {"e", e}, {"i", i}, {"c", c}, {"2i", 2 * i}, {"2i+1", 2 * i + 1}, {"i+I", i + units}};
    std::istringstream words(spot.index);
    uint64_t at = 0;
    for (uint64_t size : tensor.shape) {
      std::string word;
      words >> word;
      const uint64_t index = values.at(word);
      if (index >= size) throw std::out_of_range(spot.name);
      at = at * size + index;
    }
    return load_le<float>(tensor.data.data() + 4 * at);
  }
};

// Elements where a view and the table differ.
uint64_t differences(const Model& model, const Checkpoint& checkpoint, const View& view,
                     const Spot& spot, const UnitGroup& group, uint64_t width) {
  uint64_t count = 0;
  for (uint64_t i = 0; i < group.units; ++i) {
    for (uint64_t c = 0; c < width; ++c) {
      const uint64_t at = view.first + i * view.unit_stride + c * view.coordinate_stride;
      Bytes element(4);
      REQUIRE(checkpoint.read(checkpoint.tensors()[view.tensor], 4 * at, element));
      const float wanted =
          model.by_hand(spot, group.layer, group.expert.value_or(0), i, c, group.units);
      count += load_le<float>(element.data()) != wanted;
    }
  }
  return count;
}

void check_norm(const Model& model, const Anatomy& anatomy, std::optional<size_t> norm,
                std::string name, uint64_t layer) {
  REQUIRE(norm.has_value() == !name.empty());
  if (!norm) return;
  const bool one_plus = name.starts_with("1+");
  if (one_plus) name.erase(0, 2);
  const StoredTensor& tensor = model.tensors.at(filled_in(name, layer, 0));
  for (uint64_t c = 0; c < anatomy.width; ++c) {
    const float stored = load_le<float>(tensor.data.data() + 4 * c);
    CHECK(anatomy.norm_weights[*norm][c] == stored + (one_plus ? 1.0f : 0.0f));
  }
}

void check_group(const Model& model, const Checkpoint& checkpoint, const Anatomy& anatomy,
                 const Expected& expected, const UnitGroup& group) {
  CAPTURE(group.label());
  const char who = group.expert && group.shared ? 't'
                   : group.expert               ? 'e'
                   : group.shared               ? 's'
                                                : 'd';
  const Kind* kind = nullptr;
  for (const Kind& each : expected.kinds) {
    const bool here = each.layers == 'l' || (each.layers == 'f') == (group.layer == 0);
    if (each.who == who && each.part == group.part && here) kind = &each;
  }
  REQUIRE(kind != nullptr);
  REQUIRE(group.units == model.units(kind->units));
  REQUIRE(group.gate.has_value() == !kind->gate.name.empty());
  const auto wrong = [&](const View& view, const Spot& spot) {
    return differences(model, checkpoint, view, spot, group, anatomy.width);
  };
  if (group.gate) CHECK(wrong(*group.gate, kind->gate) == 0);
  CHECK(wrong(group.up, kind->up) == 0);
  CHECK(wrong(group.down, kind->down) == 0);
  const Norms norms = kind->norms.value_or(Norms{expected.in_norm, expected.out_norm});
  check_norm(model, anatomy, group.in_norm, norms.in, group.layer);
  check_norm(model, anatomy, group.out_norm, norms.out, group.layer);
}

uint64_t group_count(const Expected& expected, const TinySizes& sizes) {
  uint64_t count = 0;
  for (const Kind& kind : expected.kinds) {
    const uint64_t layers = kind.layers == 'l'   ? sizes.layers
                            : kind.layers == 'f' ? 1
                                                 : sizes.layers - 1;
    count += layers * (kind.who == 'e' ? sizes.experts : 1);
  }
  return count;
}

Config typed(const std::string& model_type) {
  Config config;
  config.present = true;
  config.model_type = model_type;
  return config;
}

}  // namespace

TEST_CASE("views of every architecture point at the right elements") {
  for (const Expected& expected : expected_views()) {
    DYNAMIC_SECTION(expected.architecture) {
      const Model model(expected.architecture);
      auto checkpoint = Checkpoint::open(model.scratch.folder());
      REQUIRE(checkpoint);
      auto anatomy = make_anatomy(*checkpoint, typed(expected.architecture));
      INFO((anatomy ? "" : anatomy.error().message()));
      REQUIRE(anatomy);
      CHECK(anatomy->family == expected.family);
      CHECK(anatomy->width == model.sizes.width);
      CHECK(anatomy->vocabulary == model.sizes.vocabulary);
      CHECK(anatomy->gated == !expected.kinds[0].gate.name.empty());
      CHECK(anatomy->groups.size() == group_count(expected, model.sizes));
      CHECK(unrecognised(*anatomy).empty());
      for (const UnitGroup& group : anatomy->groups) {
        check_group(model, *checkpoint, *anatomy, expected, group);
      }
    }
  }
}

TEST_CASE("every architecture is known by its names alone") {
  for (const Expected& expected : expected_views()) {
    DYNAMIC_SECTION(expected.architecture) {
      const Model model(expected.architecture);
      auto checkpoint = Checkpoint::open(model.scratch.folder());
      REQUIRE(checkpoint);
      auto anatomy = make_anatomy(*checkpoint, Config{});
      INFO((anatomy ? "" : anatomy.error().message()));
      REQUIRE(anatomy);
      CHECK(anatomy->family == expected.alone);
      CHECK(anatomy->groups.size() == group_count(expected, model.sizes));
    }
  }
}

TEST_CASE("the table of views names every architecture we can make") {
  std::vector<std::string> named;
  for (const Expected& expected : expected_views()) named.push_back(expected.architecture);
  auto made = tiny_architectures();
  std::sort(named.begin(), named.end());
  std::sort(made.begin(), made.end());
  CHECK(named == made);
}

TEST_CASE("every family of the catalogue has an architecture in the table of views") {
  for (const NamingFamily& family : families()) {
    const auto all = expected_views();
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](const Expected& each) { return each.family == family.name(); }));
  }
}

}  // namespace wmk::checkpoint
