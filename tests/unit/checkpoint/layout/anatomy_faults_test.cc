// What is refused, and the error messages.
#include <limits>

#include "checkpoint/layout/layout.h"
#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::checkpoint {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using wmk::test::EditedModel;
using wmk::test::stored;

const std::string kUp = "model.layers.1.mlp.up_proj.weight";
const std::string kNorm = "model.layers.1.post_attention_layernorm.weight";

}  // namespace

TEST_CASE("an FFN matrix of the wrong shape is malformed and named") {
  EditedModel model("llama");
  const std::vector<std::vector<uint64_t>> shapes = {
      {10, 15}, {16, 10}, {160}, {1, 10, 16}, {0, 16}};
  for (const auto& shape : shapes) {
    model.reshape(kUp, shape);
    CHECK_THAT(model.refusal(ErrorCode::malformed),
               Contains("family 'llama': tensor '" + kUp + "': shape [") &&
                   EndsWith("does not match ffn_up, which is [units, 16]"));
  }
}

TEST_CASE("errors give the expected shape in the layout of the family") {
  EditedModel fused("phi3");
  fused.reshape("model.layers.0.mlp.gate_up_proj.weight", {21, 16});
  CHECK_THAT(fused.refusal(ErrorCode::malformed),
             EndsWith("shape [21, 16] does not match ffn_gate_up, which is [2 * units, 16]"));
  EditedModel stacked("gpt_oss");
  stacked.reshape("model.layers.0.mlp.experts.down_proj", {3, 16, 6});
  CHECK_THAT(stacked.refusal(ErrorCode::malformed),
             EndsWith("shape [3, 16, 6] does not match ffn_down, which is [experts, units, 16]"));
}

TEST_CASE("matrices of one FFN that differ in units are malformed") {
  EditedModel model("llama");
  model.reshape(kUp, {11, 16});
  CHECK_THAT(model.refusal(ErrorCode::malformed),
             EndsWith("tensor '" + kUp +
                      "': 11 units in layer 1, where "
                      "'model.layers.1.mlp.gate_proj.weight' has 10"));
}

TEST_CASE("a missing matrix is malformed and reported with its layer") {
  EditedModel without_down("llama");
  without_down.remove("layers.1.mlp.down_proj");
  CHECK_THAT(
      without_down.refusal(ErrorCode::malformed),
      EndsWith("layer 1: 'model.layers.1.mlp.gate_proj.weight' is present, but not ffn_down"));
  EditedModel without_gate("llama");
  without_gate.remove("layers.1.mlp.gate_proj");
  CHECK_THAT(without_gate.refusal(ErrorCode::malformed), EndsWith("layer 1: no ffn_gate"));
}

TEST_CASE("of stacked tensors of unequal expert counts the pairs are read") {
  EditedModel model("gpt_oss");
  model.reshape("model.layers.0.mlp.experts.down_proj", {2, 6, 16});
  const Anatomy anatomy = model.good();
  REQUIRE(anatomy.skipped.size() == 1);
  CHECK_THAT(anatomy.skipped[0].reason,
             Contains("layer 0 expert 2: ") && EndsWith("but not ffn_down"));
}

TEST_CASE("a layer without the norm weight of its family is malformed") {
  EditedModel model("llama");
  model.remove("layers.1.post_attention_layernorm");
  CHECK_THAT(model.refusal(ErrorCode::malformed), EndsWith("layer 1: no ffn_norm"));
}

TEST_CASE("two tensors for one role are malformed") {
  const auto rules = [](const std::string& second) {
    return *NamingFamily::parse(
        "family twice\ntoken_embedding embed_tokens\nffn_gate layers.#.mlp.gate_proj\n"
        "ffn_up layers.#.mlp.up_proj\nffn_down layers.#.mlp.down_proj\n"
        "ffn_norm layers.#.post_attention_layernorm\n" +
            second,
        "test");
  };
  EditedModel model("llama");
  model.add_zeros("model.layers.1.mlp.other.weight", DType::bf16, {10, 16});
  const NamingFamily up = rules("ffn_up layers.#.mlp.other\n");
  CHECK_THAT(model.refusal(ErrorCode::malformed, &up), Contains("'" + kUp + "'") &&
                                                           Contains("'model.layers.1.mlp.other") &&
                                                           EndsWith("both are ffn_up of layer 1"));
  EditedModel twice("llama");
  twice.add_zeros("tokens.weight", DType::bf16, {40, 16});
  const NamingFamily tokens = rules("token_embedding tokens\n");
  CHECK_THAT(twice.refusal(ErrorCode::malformed, &tokens), EndsWith("both are token_embedding"));
  EditedModel norms("llama");
  norms.add_zeros("model.layers.1.norm.weight", DType::bf16, {16});
  const NamingFamily norm = rules("ffn_norm layers.#.norm\n");
  CHECK_THAT(norms.refusal(ErrorCode::malformed, &norm), EndsWith("both are ffn_norm of layer 1"));
}

TEST_CASE("a token embedding that is not a matrix is malformed") {
  EditedModel model("llama");
  model.reshape("model.embed_tokens.weight", {640});
  CHECK_THAT(model.refusal(ErrorCode::malformed),
             EndsWith("shape [640] does not match token_embedding, which is [vocabulary, width]"));
}

TEST_CASE("a norm weight of wrong length or type, or not finite, is refused and named") {
  EditedModel model("llama");
  model.reshape(kNorm, {17});
  CHECK_THAT(model.refusal(ErrorCode::malformed),
             EndsWith("tensor '" + kNorm + "': shape [17] does not match ffn_norm, which is [16]"));
  EditedModel integers("llama");
  integers.at(kNorm).dtype = DType::i16;
  CHECK_THAT(integers.refusal(ErrorCode::unsupported), Contains(kNorm) && Contains("I16"));
  EditedModel infinite("llama");
  infinite.at(kNorm) = stored(kNorm, DType::f32, {16}, std::vector<float>(16, 1.0f));
  store_le<float>(infinite.at(kNorm).data.data() + 12, std::numeric_limits<float>::infinity());
  auto refused = infinite.anatomy();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "tensor '" + kNorm + "': norm weight 3 is not finite");
}

TEST_CASE("norm weights are read from every plain floating type") {
  for (DType type : {DType::f32, DType::f16, DType::bf16, DType::f64, DType::f8_e4m3}) {
    EditedModel model("gemma2");
    const std::string name = "model.layers.1.pre_feedforward_layernorm.weight";
    model.at(name) = stored(name, type, {16}, std::vector<float>(16, -0.25f));
    const Anatomy anatomy = model.good();
    for (const UnitGroup& group : anatomy.groups) {
      if (group.layer == 1)
        CHECK(anatomy.norm_weights[*group.in_norm] == std::vector<float>(16, 0.75f));
    }
  }
}

TEST_CASE("weights in an encoding that is not read are refused by its name") {
  struct Case {
    std::string add;
    std::string encoding;
  };
  const std::string stem = "model.layers.0.mlp.up_proj";
  for (const auto& [add, encoding] :
       std::vector<Case>{{".g_idx", "GPTQ"},
                         {".weight_scale_inv", "FP8 with block scales"},
                         {".weight_scale", "scaled integers or FP8"},
                         {".weight.quant_map", "bitsandbytes (4 bit)"},
                         {".SCB", "bitsandbytes (8 bit)"},
                         {".biases", "MLX"}}) {
    EditedModel model("llama");
    model.remove("layers.0.mlp.up_proj");
    model.add_zeros(stem + ".weight", DType::i16, {10, 16});
    model.add_zeros(stem + add, DType::i32, {2, 2});
    CHECK_THAT(model.refusal(ErrorCode::unsupported),
               Contains("'" + stem + add + "'") && Contains("(" + encoding + ")"));
  }
}

TEST_CASE("MXFP4 experts have the shape of plain ones") {
  EditedModel model("gpt_oss", {.width = 32});
  model.remove("layers.0.mlp.experts.gate_up_proj");
  const std::string name = "model.layers.0.mlp.experts.gate_up_proj";
  model.add_zeros(name + "_blocks", DType::u8, {3, 12, 1, 16});
  model.add_zeros(name + "_scales", DType::u8, {3, 12, 1});
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups[0].units == 6);
  CHECK(anatomy.unit_count() == 2 * 3 * 6);
}

TEST_CASE("quantised tensors that nobody reads are ignored") {
  EditedModel model("llama");
  model.add_zeros("vision_tower.layers.0.mlp.fc1.qweight", DType::i32, {2, 2});
  model.add_zeros("model.layers.0.self_attn.q_proj.weight_scale", DType::f32, {1});
  CHECK(unrecognised(model.good()).size() == 2);
}

TEST_CASE("FFN weights of a type that is not read are unsupported and named") {
  for (DType type : {DType::i8, DType::f8_e8m0}) {
    EditedModel model("llama");
    model.remove("layers.1.mlp.up_proj");
    model.add_zeros(kUp, type, {10, 16});
    CHECK_THAT(model.refusal(ErrorCode::unsupported),
               Contains(kUp) && Contains(std::string(to_string(type))));
  }
}

TEST_CASE("untrusted names are escaped in errors") {
  EditedModel model("llama");
  model.remove("embed_tokens");
  model.remove("mlp");
  model.add_zeros("a'b\\", DType::bf16, {1});
  CHECK_THAT(model.refusal(ErrorCode::unsupported), Contains("'a'b\\x5c'"));
}

TEST_CASE("absurd widths and expert counts are refused before they cost memory") {
  const auto laid_out = [](uint64_t width, uint64_t experts) {
    std::vector<Tensor> tensors(4);
    tensors[0] = {.name = "model.embed_tokens.weight", .shape = {1, width}};
    tensors[1] = {.name = "model.layers.0.mlp.experts.gate_up_proj", .shape = {experts, 2, width}};
    tensors[2] = {.name = "model.layers.0.mlp.experts.down_proj", .shape = {experts, width, 1}};
    tensors[3] = {.name = "model.layers.0.post_attention_layernorm.weight", .shape = {width}};
    const NameTable names = NameTable::make(tensors);
    for (const NamingFamily& family : families()) {
      if (family.name() == "merged_moe") return lay_out(tensors, names, family);
    }
    throw std::logic_error("no family merged_moe");
  };
  CHECK(laid_out(kWidthMax, 2));
  for (const auto& layout :
       {laid_out(kWidthMax + 1, 2), laid_out(1, kGroupsMax + 1), laid_out(1, uint64_t{1} << 40)}) {
    REQUIRE_FALSE(layout);
    CHECK(layout.error().code() == ErrorCode::limit_exceeded);
  }
}

}  // namespace wmk::checkpoint
