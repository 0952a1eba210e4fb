// Naming rules of the user for names without layers, and with other separators.
#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::checkpoint {
namespace {

using wmk::test::EditedModel;

NamingFamily parsed(std::string_view text) {
  auto family = NamingFamily::parse(text, "mine.rules");
  INFO((family ? "" : family.error().message()));
  REQUIRE(family);
  return *std::move(family);
}

}  // namespace

TEST_CASE("rules read layers that lie in one tensor") {
  const NamingFamily rules = parsed(
      "family mine\nseparators /\nprefix params.\ntoken_embedding words\n"
      "ffn_gate stack.gate all_layers\nffn_up stack.up all_layers\n"
      "ffn_down stack.down all_layers\nffn_norm stack.norm all_layers one_plus\n");
  EditedModel model("llama");
  for (const char* part : {"model.", "lm_head"}) model.remove(part);
  model.add_zeros("params/words", DType::f32, {40, 16});
  model.add_zeros("params/stack/gate", DType::f32, {3, 10, 16});
  model.add_zeros("params/stack/up", DType::f32, {3, 10, 16});
  model.add_zeros("params/stack/down", DType::f32, {3, 16, 10});
  model.add_zeros("params/stack/norm", DType::f32, {3, 16});
  const Anatomy anatomy = model.good(&rules);
  REQUIRE(anatomy.groups.size() == 3);
  const UnitGroup& last = anatomy.groups[2];
  CHECK(last.layer == 2);
  CHECK_FALSE(last.expert);
  CHECK(last.units == 10);
  CHECK(last.gate->first == 2 * 10 * 16);
  CHECK(last.down.first == 2 * 10 * 16);
  CHECK(last.down.coordinate_stride == 10);
  REQUIRE(anatomy.norm_weights.size() == 3);
  CHECK(anatomy.norm_weights[*last.in_norm] == std::vector<float>(16, 1.0f));
  CHECK(unrecognised(anatomy).empty());
  model.reshape("params/stack/norm", {2, 16});
  CHECK(model.good(&rules).skipped.size() == 1);
}

TEST_CASE("rules read experts of all layers in one tensor") {
  const NamingFamily rules = parsed(
      "family mine\ntoken_embedding words\n"
      "ffn_gate_up stack.both all_layers stacked\nffn_down stack.down all_layers stacked\n");
  EditedModel model("llama");
  for (const char* part : {"model.", "lm_head"}) model.remove(part);
  model.add_zeros("words", DType::f32, {40, 16});
  model.add_zeros("stack.both", DType::f32, {2, 3, 20, 16});
  model.add_zeros("stack.down", DType::f32, {2, 3, 16, 10});
  const Anatomy anatomy = model.good(&rules);
  REQUIRE(anatomy.groups.size() == 6);
  CHECK(anatomy.groups[4].label() == "layer 1 expert 1");
  CHECK(anatomy.groups[4].gate->first == 4 * 20 * 16);
  CHECK(anatomy.groups[4].up.first == (4 * 20 + 10) * 16);
  CHECK(anatomy.groups[4].down.first == 4 * 16 * 10);
}

TEST_CASE("rules number layers by their order") {
  const NamingFamily rules = parsed(
      "family mine\ntoken_embedding t0\n"
      "ffn_gate {t2,t7} by_order\nffn_up {t3,t8} by_order\nffn_down t1 by_order\n"
      "ffn_down t6 by_order\nffn_norm {t5,t9} by_order\n");
  EditedModel model("llama");
  for (const char* part : {"model.", "lm_head"}) model.remove(part);
  model.add_zeros("t0", DType::f32, {40, 16});
  for (const char* name : {"t2", "t3", "t7", "t8"}) model.add_zeros(name, DType::f32, {10, 16});
  for (const char* name : {"t1", "t6"}) model.add_zeros(name, DType::f32, {16, 10});
  for (const char* name : {"t5", "t9"}) model.add_zeros(name, DType::f32, {16});
  const Anatomy anatomy = model.good(&rules);
  REQUIRE(anatomy.groups.size() == 2);
  CHECK(anatomy.groups[0].label() == "layer 0");
  CHECK(anatomy.groups[1].label() == "layer 1");
  CHECK(anatomy.groups[0].in_norm != anatomy.groups[1].in_norm);
}

}  // namespace wmk::checkpoint
