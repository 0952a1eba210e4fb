// Units with a vector of norm zero or not finite: they add nothing to a sketch, are counted, and
// keep their bytes when the model is marked.
#include <catch2/catch.hpp>
#include <limits>

#include "base/text.h"
#include "embed/read/score.h"
#include "tests/support/marking.h"
#include "tests/support/tiny_model.h"
#include "tests/unit/scratch.h"

namespace wmk::embed {
namespace {

using namespace wmk::test;
using checkpoint::DType;

const TinySizes kSizes = {.width = 32, .vocabulary = 300, .layers = 2, .units = 40};
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Element of gate_proj and up_proj (row-major by unit) and of down_proj (by coordinate).
struct Damage {
  std::string leaf;
  uint64_t unit;
  float value;
  bool whole_vector;
};

const std::vector<Damage> kDamages = {
    {"gate_proj", 1, 0.0f, true},       {"up_proj", 4, 0.0f, true},
    {"down_proj", 9, 0.0f, true},       {"gate_proj", 12, kNan, false},
    {"up_proj", 20, -kInfinity, false}, {"down_proj", 39, kNan, false}};
constexpr uint64_t kNotFinite = 3;

std::vector<StoredTensor> damaged_tensors(std::string_view architecture) {
  auto tensors = tiny_tensors(architecture, kSizes);
  for (const Damage& damage : kDamages) {
    StoredTensor& tensor = tensor_named(tensors, "model.layers.1.mlp." + damage.leaf + ".weight");
    for (uint64_t c = 0; c < (damage.whole_vector ? kSizes.width : 1); ++c) {
      const uint64_t index = damage.leaf == "down_proj" ? c * kSizes.units + damage.unit
                                                        : damage.unit * kSizes.width + c;
      const uint32_t bits = std::bit_cast<uint32_t>(damage.value);
      store_le<uint16_t>(tensor.data.data() + 2 * index, static_cast<uint16_t>(bits >> 16));
    }
  }
  return tensors;
}

bool is_damaged(uint64_t layer, uint64_t unit) {
  for (const Damage& damage : kDamages) {
    if (layer == 1 && damage.unit == unit) return true;
  }
  return false;
}

MarkableModel damaged_model(const Scratch& scratch) {
  write_safetensors(scratch.put("model/model.safetensors", ""), damaged_tensors("llama"));
  return open_model(scratch / "model");
}

// The same model without the damaged units.
MarkableModel model_without(const Scratch& scratch) {
  auto tensors = tiny_tensors("llama", kSizes);
  for (const auto* leaf : {"gate_proj", "up_proj", "down_proj"}) {
    StoredTensor& tensor = tensor_named(tensors, cat("model.layers.1.mlp.", leaf, ".weight"));
    const bool is_down = tensor.shape[0] == kSizes.width;
    Bytes kept;
    for (uint64_t i = 0; i < tensor.data.size() / 2; ++i) {
      if (is_damaged(1, is_down ? i % kSizes.units : i / kSizes.width)) continue;
      kept.insert(kept.end(), tensor.data.begin() + 2 * i, tensor.data.begin() + 2 * i + 2);
    }
    tensor.data = std::move(kept);
    tensor.shape[is_down ? 1 : 0] = kSizes.units - kDamages.size();
  }
  write_safetensors(scratch.put("less/model.safetensors", ""), tensors);
  return open_model(scratch / "less");
}

}  // namespace

TEST_CASE("skipped units add nothing to a sketch and are counted", "[embed][bad-input]") {
  Scratch scratch;
  const MarkableModel model = damaged_model(scratch);
  const auto structures = share_structures(model, test_key("owner"), 1);
  const SketchSet sketches = sketch_all(model, structures);
  CHECK(sketches.skipped == kDamages.size());
  CHECK(sketches.not_finite == kNotFinite);
  CHECK(sketches.weights == model.anatomy.weight_count());

  const MarkableModel less = model_without(scratch);
  const SketchSet expected = sketch_all(less, share_structures(less, test_key("owner"), 1));
  CHECK(expected.skipped == 0);
  for (TagRule rule : kTagRules) {
    for (VectorKind kind : kVectorKinds) {
      // Products are summed in different groups, so they are equal up to float rounding.
      const auto a = sketches.at(0, rule).matrix(kind);
      const auto b = expected.at(0, rule).matrix(kind);
      double apart = 0;
      for (size_t e = 0; e < a.size(); ++e) apart = std::max(apart, std::abs(a[e] - b[e]));
      CHECK(apart < 1e-3);
    }
  }
}

TEST_CASE("the marker counts skipped units and keeps their bytes", "[embed][bad-input]") {
  Scratch scratch;
  const MarkableModel model = damaged_model(scratch);
  const auto refused = try_mark(model, test_key("owner"), scratch / "marked", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() ==
        "6 of 80 units (7.5 %) cannot be marked: 3 have a vector of zeros, 3 hold NaN or infinity");
  CHECK(refused.error().hint().starts_with("if that is right, --allow-skipped marks the others"));
  CHECK(scratch.count() == 1);
  const EmbedResult result =
      mark(model, test_key("owner"), scratch / "marked", {.allow_skipped = true});
  CHECK(result.change.units == model.anatomy.unit_count());
  CHECK(result.change.skipped == kDamages.size());
  CHECK(result.change.not_finite == kNotFinite);
  CHECK(std::isfinite(result.change.relative()));

  const auto marked = checkpoint::Checkpoint::open(scratch / "marked");
  REQUIRE(marked);
  size_t untouched = 0;
  for (const auto& group : model.anatomy.groups) {
    for (const checkpoint::View& view : {*group.gate, group.up, group.down}) {
      const auto before = values_of(model.checkpoint, view.tensor);
      const auto after = values_of(*marked, view.tensor);
      for (uint64_t u = 0; u < group.units; ++u) {
        const auto old_vector = vector_of(model, view, before, u);
        const auto new_vector = vector_of(model, view, after, u);
        const bool same = std::memcmp(old_vector.data(), new_vector.data(),
                                      old_vector.size() * sizeof(float)) == 0;
        REQUIRE(same == is_damaged(group.layer, u));
        untouched += same;
      }
    }
  }
  CHECK(untouched == 3 * kDamages.size());
}

TEST_CASE("a layer that was left out counts as skipped when a model is marked",
          "[embed][bad-input]") {
  Scratch scratch;
  TinySizes sizes = kSizes;
  for (const uint64_t layers : {3, 24}) {
    CAPTURE(layers);
    sizes.layers = layers;
    auto tensors = tiny_tensors("llama", sizes);
    std::erase_if(tensors, [](const StoredTensor& tensor) {
      return tensor.name == "model.layers.1.mlp.down_proj.weight";
    });
    const std::string name = cat("model", layers);
    write_safetensors(scratch.put(cat(name, "/model.safetensors"), ""), tensors);
    const MarkableModel model = open_model(scratch / name);
    REQUIRE(model.anatomy.skipped_unit_count() == 40);
    const auto made = try_mark(model, test_key("owner"), scratch / cat("out", layers), {});
    if (layers == 24) {  // 4.2 %
      CHECK(made);
      continue;
    }
    REQUIRE_FALSE(made);
    CHECK(made.error().code() == ErrorCode::unsupported);
    CHECK(
        made.error().message().starts_with("40 of 120 units (33.3 %) cannot be marked: 40 cannot "
                                           "be read, such as those of layer 1 ("));
    CHECK_FALSE(std::filesystem::exists(scratch / cat("out", layers)));
    CHECK(try_mark(model, test_key("owner"), scratch / "allowed", {.allow_skipped = true}));
  }
}

TEST_CASE("an FFN without gate is marked and read in two kinds", "[embed]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "gpt2", kSizes);
  const MarkableModel model = open_model(scratch / "model");
  const auto structures = share_structures(model, test_key("owner"), 1);
  const SketchSet sketches = sketch_all(model, structures);
  CHECK(sketches.weights == 2 * kSizes.layers * kSizes.units * kSizes.width);
  for (TagRule rule : kTagRules) {
    const auto& sums = sketches.at(0, rule);
    CHECK(std::count(sums.sums(VectorKind::gate).begin(), sums.sums(VectorKind::gate).end(), 0) ==
          static_cast<std::ptrdiff_t>(structures[0].entries()));
    CHECK(std::count(sums.sums(VectorKind::up).begin(), sums.sums(VectorKind::up).end(), 0) < 10);
    CHECK(std::count(sums.sums(VectorKind::down).begin(), sums.sums(VectorKind::down).end(), 0) <
          10);
    CHECK(std::isfinite(z_of(structures[0], sketches, 0, rule)));
  }
}

TEST_CASE("the guard brings large singular values down and leaves the others", "[embed]") {
  Scratch scratch;
  std::filesystem::create_directory(scratch / "model");
  write_tiny_model(scratch / "model", "llama", kSizes);
  const MarkableModel model = open_model(scratch / "model");
  const auto structures = share_structures(model, test_key("owner"), 1);
  const Structure& structure = structures[0];
  const auto quiet = guarded(structure, sketch_all(model, structures).at(0, TagRule::hard));
  PerKind<std::vector<double>> loud = quiet;
  // Interference that is the same in all tags and all open coordinates.
  for (VectorKind kind : kVectorKinds) {
    for (double& value : loud[kind]) value += 30;
  }
  const auto norm = [](const PerKind<std::vector<double>>& v) {
    double squares = 0;
    for (const auto& matrix : v) {
      for (double value : matrix) squares += value * value;
    }
    return std::sqrt(squares);
  };
  CHECK(norm(loud) > 4 * norm(quiet));
  CHECK(norm(guarded(structure, loud)) < 2 * norm(quiet));
  // A matrix without large singular values passes unchanged.
  PerKind<std::vector<double>> difference = guarded(structure, quiet);
  for (VectorKind kind : kVectorKinds) {
    for (size_t e = 0; e < quiet[kind].size(); ++e) difference[kind][e] -= quiet[kind][e];
  }
  CHECK(norm(difference) < 0.1 * norm(quiet));
  for (VectorKind kind : kVectorKinds) {
    auto closed = guarded(structure, loud)[kind];
    const auto before = closed;
    close_entries(structure, kind, closed);
    CHECK(closed == before);
  }
}

}  // namespace wmk::embed
