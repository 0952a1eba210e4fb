// Models with something odd in them: it is noted, and the rest is read.
#include <limits>

#include "checkpoint/attention/attention.h"
#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::checkpoint::skipped_test {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::VectorContains;
using wmk::test::EditedModel;
using wmk::test::stored;

// A third layer, so that one damaged layer is less than half of the model.
EditedModel three_layers() { return EditedModel("llama", {.layers = 3}); }

std::string all_notes(const Anatomy& anatomy) {
  std::string out;
  for (const std::string& note : anatomy.notes) out += note + "\n";
  return out;
}

const std::string kUp2 = "model.layers.2.mlp.up_proj.weight";

}  // namespace

TEST_CASE("a layer that cannot be read is skipped with a note, and its units are counted") {
  EditedModel model = three_layers();
  const uint64_t all = model.good().unit_count();
  CHECK(model.good().skipped.empty());
  SECTION("a wrong shape") { model.reshape(kUp2, {10, 15}); }
  SECTION("half an FFN") { model.remove("layers.2.mlp.down_proj"); }
  SECTION("no gate") { model.remove("layers.2.mlp.gate_proj"); }
  SECTION("no norm") { model.remove("layers.2.post_attention_layernorm"); }
  SECTION("a type that is not read") { model.at(kUp2).dtype = DType::i16; }
  SECTION("unequal units") { model.reshape(kUp2, {11, 16}); }
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups.size() == 2);
  REQUIRE(anatomy.skipped.size() == 1);
  CHECK(anatomy.skipped[0].label == "layer 2");
  CHECK(anatomy.skipped[0].units >= 10);
  CHECK(anatomy.unit_count() + 10 == all);
  CHECK_THAT(all_notes(anatomy), Contains("layer 2 is skipped ("));
}

TEST_CASE("an unused damaged layer costs nothing of the others") {
  EditedModel model("llama");
  const Anatomy whole = model.good();
  model.add_zeros("model.layers.99.mlp.up_proj.weight", DType::bf16, {10, 16});
  const Anatomy anatomy = model.good();
  CHECK(anatomy.unit_count() == whole.unit_count());
  CHECK(anatomy.skipped_unit_count() == 10);
  CHECK_THAT(all_notes(anatomy), Contains("layer 99 is skipped (10 units)"));
}

TEST_CASE("a norm that is not finite costs its layer only") {
  EditedModel model = three_layers();
  const std::string norm = "model.layers.2.post_attention_layernorm.weight";
  model.at(norm) = stored(norm, DType::f32, {16}, std::vector<float>(16, 1.0f));
  store_le<float>(model.at(norm).data.data(), std::numeric_limits<float>::quiet_NaN());
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups.size() == 2);
  CHECK_THAT(all_notes(anatomy), Contains("norm weight 0 is not finite"));
}

TEST_CASE("a model of which half would be skipped is not read") {
  EditedModel model("llama");
  model.remove("layers.1.mlp.down_proj");
  CHECK_THAT(model.refusal(ErrorCode::malformed), Contains("but not ffn_down"));
}

TEST_CASE("an expert that cannot be read is skipped alone") {
  EditedModel model("qwen3_moe");
  const uint64_t all = model.good().unit_count();
  model.remove("layers.1.mlp.experts.2.up_proj");
  const Anatomy anatomy = model.good();
  REQUIRE(anatomy.skipped.size() == 1);
  CHECK(anatomy.skipped[0].label == "layer 1 expert 2");
  CHECK(anatomy.unit_count() + anatomy.skipped_unit_count() == all);
}

TEST_CASE("parts of quantised weights beside plain ones are noted and ignored") {
  for (const char* suffix : {".absmax", ".weight.absmax", ".scale", ".qweight", ".weight_scale",
                             ".SCB", ".g_idx", ".scales"}) {
    CAPTURE(suffix);
    EditedModel model("llama");
    model.add_zeros("model.layers.0.mlp.up_proj" + std::string(suffix), DType::f32, {2, 2});
    const Anatomy anatomy = model.good();
    CHECK(anatomy.skipped.empty());
    CHECK_THAT(all_notes(anatomy), Contains("looks like a part of quantised weights"));
  }
}

TEST_CASE("bytes that need a scale are not read as weights, whatever else is skipped") {
  EditedModel model = three_layers();
  model.remove("layers.2.mlp.up_proj");
  model.add_zeros(kUp2, DType::f8_e4m3, {10, 16});
  model.add_zeros("model.layers.2.mlp.up_proj.scale", DType::f32, {2, 2});
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups.size() == 2);
  REQUIRE(anatomy.skipped.size() == 1);
  CHECK_THAT(anatomy.skipped[0].reason, Contains("FP8 with scales"));
}

TEST_CASE("a layer whose FFN has unknown names is noted and counted") {
  EditedModel model = three_layers();
  model.rename("layers.2.mlp.up_proj", "layers.2.mlp.first");
  model.rename("layers.2.mlp.gate_proj", "layers.2.mlp.second");
  model.rename("layers.2.mlp.down_proj", "layers.2.mlp.third");
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups.size() == 2);
  CHECK(anatomy.skipped_unit_count() == 10);
  CHECK_THAT(all_notes(anatomy), Contains("layer 2") && Contains("unknown names"));
}

TEST_CASE("of tensors behind several wrappers the one that loaders read is read") {
  EditedModel model("llama");
  const auto up = model.at("model.layers.1.mlp.up_proj.weight");
  auto copy = up;
  copy.name = "module.model.layers.1.mlp.up_proj.weight";
  SECTION("the same values") {
    model.add(copy);
    const Anatomy anatomy = model.good();
    CHECK(anatomy.skipped.empty());
    CHECK(anatomy.duplicates.size() == 1);
    CHECK_THAT(all_notes(anatomy), Contains("their values are the same") &&
                                       Contains("'model.layers.1.mlp.up_proj.weight' is read"));
  }
  SECTION("other values") {
    copy.data[0] ^= std::byte{1};
    model.add(copy);
    CHECK_THAT(all_notes(model.good()), Contains("differ in their values"));
  }
  SECTION("a copy with other values counts as units that are not read") {
    auto down = model.at("model.layers.1.mlp.down_proj.weight");
    down.name = "module." + down.name;
    down.data[0] ^= std::byte{1};
    model.add(down);
    CHECK(model.good().skipped_unit_count() == 10);
  }
}

TEST_CASE("FFN weights of 64 bits are read") {
  EditedModel model("llama");
  for (const char* name : {"gate", "up", "down"}) {
    const std::string full = cat("model.layers.0.mlp.", name, "_proj.weight");
    auto& tensor = model.at(full);
    tensor = stored(full, DType::f64, tensor.shape, std::vector<float>(160, 0.5f));
  }
  CHECK(model.good().unit_count() == 20);
  CHECK_THAT(all_notes(model.good()), Contains("F64"));
}

TEST_CASE("a missing model_type is taken from architectures, else from names, with a note") {
  EditedModel model("gemma");
  model.config.present = true;
  model.config.model_type = "";
  model.config.architecture = "GemmaForCausalLM";
  CHECK(model.good().family == "gemma");
  CHECK_THAT(all_notes(model.good()), Contains("read as 'gemma'"));
  model.config.architecture = "";
  CHECK(model.good().family == "llama");
  CHECK_THAT(all_notes(model.good()), Contains("config.json has no model_type"));
}

}  // namespace wmk::checkpoint::skipped_test
