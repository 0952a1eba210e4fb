// Where gate, up and down may lie inside their tensors.
#include "checkpoint/shapes/layout_variants.h"

#include "tests/unit/checkpoint/shapes/disguised.h"

namespace wmk::checkpoint {
namespace {

using Catch::Matchers::Equals;
using wmk::test::Disguised;
using wmk::test::ffns_of;
using wmk::test::kShapes;
using wmk::test::tiny_tensors;

Anatomy declared(const Disguised& model, std::string_view type) {
  Config config;
  config.model_type = type;
  return wmk::test::must(make_anatomy(model.checkpoint(), config));
}

std::vector<std::string> words_of(const std::vector<AnatomyVariant>& variants) {
  std::vector<std::string> out;
  for (const AnatomyVariant& variant : variants) out.push_back(variant.words);
  return out;
}

}  // namespace

TEST_CASE("separate matrices that are not square leave no choice of layout") {
  const Disguised model(tiny_tensors("llama", kShapes));
  CHECK(layout_variants(model.checkpoint(), declared(model, "llama")).empty());
}

TEST_CASE("a fused tensor is read as halves, interleaved and in blocks") {
  const Disguised model(tiny_tensors("phi3", kShapes));
  const Anatomy halves = declared(model, "phi3");
  const auto variants = layout_variants(model.checkpoint(), halves);
  CHECK_THAT(words_of(variants), Equals(std::vector<std::string>{
                                     "gate and up interleaved", "gate and up in 2 blocks",
                                     "gate and up in 4 blocks", "gate and up in 8 blocks"}));
  const uint64_t width = kShapes.width, units = kShapes.units;
  const UnitGroup& interleaved = variants[0].anatomy.groups[0];
  CHECK(interleaved.gate->first == 0);
  CHECK(interleaved.up.first == width);
  CHECK(interleaved.up.unit_stride == 2 * width);
  REQUIRE(variants[1].anatomy.groups.size() == 2 * kShapes.layers);
  const UnitGroup& second = variants[1].anatomy.groups[1];
  CHECK(second.layer == 0);
  CHECK(second.units == units / 2);
  CHECK(second.gate->first == units * width);
  CHECK(second.up.first == (units + units / 2) * width);
  CHECK(second.down.first == units / 2);
  const auto back = layout_variants(model.checkpoint(), variants[0].anatomy);
  CHECK(back[0].words == "gate and up as halves");
  CHECK(same_reading(back[0].anatomy, halves));
}

TEST_CASE("square matrices are read transposed too") {
  auto sizes = kShapes;
  sizes.units = sizes.width;
  const Disguised model(tiny_tensors("llama", sizes));
  const Anatomy plain = declared(model, "llama");
  const auto variants = layout_variants(model.checkpoint(), plain);
  REQUIRE(variants.size() == 3);
  const UnitGroup& turned = variants[0].anatomy.groups[0];
  CHECK(turned.up.unit_stride == 1);
  CHECK(turned.up.coordinate_stride == sizes.width);
  CHECK(turned.down.unit_stride == sizes.width);
  CHECK(same_reading(layout_variants(model.checkpoint(), variants[0].anatomy)[0].anatomy, plain));
  CHECK(same_view(variants[1].anatomy.groups[0].up, plain.groups[0].up));
}

}  // namespace wmk::checkpoint
