// Which family reads a checkpoint, and naming rules given by the user.
#include <chrono>
#include <map>

#include "tests/unit/checkpoint/layout/edited_model.h"

namespace wmk::checkpoint {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using Catch::Matchers::VectorContains;
using wmk::test::EditedModel;
using wmk::test::TinySizes;

// units == width: the shape does not show whether a matrix is transposed.
constexpr TinySizes kSquare{.width = 16, .units = 16};

}  // namespace

TEST_CASE("a square matrix is settled by model_type and refused without it") {
  EditedModel model("gpt2", kSquare);
  const Anatomy transposed = model.good();
  CHECK(transposed.family == "gpt2");
  CHECK(transposed.groups[0].up.unit_stride == 1);
  model.config.model_type = "gpt_bigcode";
  const Anatomy plain = model.good();
  CHECK(plain.family == "gpt_bigcode");
  CHECK(plain.groups[0].up.unit_stride == 16);
  for (const char* unknown : {"", "gpt5"}) {
    model.config.model_type = unknown;
    CHECK(model.refusal(ErrorCode::unsupported) ==
          "families 'gpt2' and 'gpt_bigcode' both fit, but place the weights differently");
  }
}

TEST_CASE("halves or alternating rows are refused where names do not decide") {
  EditedModel model("gpt_oss");
  model.config.model_type = "";
  for (const char* telling : {"router", "sinks", "_bias"}) model.remove(telling);
  CHECK_THAT(model.refusal(ErrorCode::unsupported),
             Contains("'merged_moe_transposed'") && Contains("'gpt_oss'"));
  model.config.model_type = "gpt_oss";
  CHECK(model.good().family == "gpt_oss");
}

TEST_CASE("where only norm weights differ the general family is used, with a note") {
  EditedModel model("gemma");
  model.config.model_type = "";
  const Anatomy anatomy = model.good();
  CHECK(anatomy.family == "llama");
  REQUIRE(anatomy.notes.size() == 1);
  CHECK_THAT(anatomy.notes[0], StartsWith("family 'gemma' fits as well, with other norm weights"));
  CHECK_THAT(anatomy.notes[0], EndsWith("because config.json names no model_type"));
  model.config.model_type = "gpt5";
  const Anatomy typed = model.good();
  REQUIRE(typed.notes.size() == 2);
  CHECK_THAT(typed.notes[1], EndsWith("because model_type 'gpt5' decides neither"));
  model.config.model_type = "gemma";
  CHECK(model.good().notes.empty());
}

TEST_CASE("linear attention distinguishes MiniMax 01 from Mixtral without a model_type") {
  EditedModel model("minimax");
  model.config.model_type = "";
  const Anatomy anatomy = model.good();
  CHECK(anatomy.family == "minimax");
  CHECK(anatomy.norm_weights.empty());
  CHECK(anatomy.notes.empty());
  // Nothing distinguishes a model with full attention alone.
  model.remove("output_gate");
  const Anatomy full = model.good();
  CHECK(full.family == "mixtral");
  REQUIRE(full.notes.size() == 1);
  CHECK_THAT(full.notes[0], StartsWith("family 'minimax' fits as well, with other norm weights"));
}

TEST_CASE("a model_type whose family does not fit is noted, and names decide") {
  EditedModel model("merged_moe");
  model.config.model_type = "llama";
  const Anatomy anatomy = model.good();
  CHECK(anatomy.family == "merged_moe");
  EditedModel fused("phi3");
  fused.config.model_type = "phi3";
  CHECK(fused.good().family == "phi3");
  EditedModel separate("llama");
  separate.config.model_type = "phi3";
  CHECK(separate.good().family == "llama");
  EditedModel parallel("cohere");
  parallel.config.model_type = "llama";
  const Anatomy read = parallel.good();
  CHECK(read.family == "cohere");
  CHECK_THAT(read.notes,
             VectorContains(std::string("model_type 'llama' is of family 'llama', which "
                                        "does not fit: layer 0: no ffn_norm")));
}

TEST_CASE("an unknown model_type is noted, and names decide") {
  EditedModel model("dbrx");
  model.config.model_type = "dbrx2";
  const Anatomy anatomy = model.good();
  CHECK(anatomy.family == "dbrx");
  CHECK(anatomy.notes ==
        std::vector<std::string>{
            "model_type 'dbrx2' is not known; the family is chosen by tensor names"});
}

TEST_CASE("one model_type may have several families") {
  for (const auto& [architecture, family] :
       {std::pair("bloom", "bloom"), {"falcon", "falcon"}, {"falcon_40b", "falcon_40b"}}) {
    EditedModel model(architecture);
    model.config.model_type = "falcon";
    const Anatomy anatomy = model.good();
    CHECK(anatomy.family == family);
    CHECK(anatomy.notes.empty());
  }
}

TEST_CASE("vision towers are not recognised and change nothing") {
  EditedModel model("llama");
  model.rename("model.", "language_model.model.");
  model.add_zeros("vision_tower.encoder.layers.0.mlp.fc1.weight", DType::f16, {8, 4});
  model.add_zeros("multi_modal_projector.linear_1.weight", DType::f16, {8, 4});
  const Anatomy anatomy = model.good();
  CHECK(anatomy.groups.size() == 2);
  CHECK(unrecognised(anatomy).size() == 2);
}

TEST_CASE("a layer that predicts further tokens is a layer like the others") {
  EditedModel model("deepseek_v3", {.layers = 3});
  for (const char* extra : {"eh_proj", "enorm", "shared_head.head"}) {
    model.add_zeros(cat("model.layers.2.", extra, ".weight"), DType::bf16, {16});
  }
  model.config.layers = 2;
  const Anatomy anatomy = model.good();
  CHECK(anatomy.layer_count() == 3);
  CHECK(anatomy.expert_count() == 3);
  CHECK(unrecognised(anatomy).empty());
  CHECK(anatomy.notes == std::vector<std::string>{"config.json says layers 2, the tensors have 3"});
}

TEST_CASE("a layer without an FFN is skipped") {
  EditedModel model("llama", {.layers = 3});
  model.remove("layers.1.mlp");
  const Anatomy anatomy = model.good();
  REQUIRE(anatomy.groups.size() == 2);
  CHECK(anatomy.groups[0].layer == 0);
  CHECK(anatomy.groups[1].layer == 2);
  CHECK(anatomy.norm_weights.size() == 2);
}

TEST_CASE("units, weights and labels are counted over layers, shared and routed experts") {
  EditedModel model("qwen2_moe");
  const Anatomy anatomy = model.good();
  CHECK(anatomy.unit_count() == 2 * (14 + 3 * 6));
  CHECK(anatomy.weight_count() == anatomy.unit_count() * 3 * 16);
  std::vector<std::string> labels;
  for (const UnitGroup& group : anatomy.groups) labels.push_back(group.label());
  CHECK(labels == std::vector<std::string>{"layer 0 shared", "layer 0 expert 0", "layer 0 expert 1",
                                           "layer 0 expert 2", "layer 1 shared", "layer 1 expert 0",
                                           "layer 1 expert 1", "layer 1 expert 2"});
  EditedModel ungated("opt");
  const Anatomy two = ungated.good();
  CHECK(two.weight_count() == two.unit_count() * 2 * 16);
}

TEST_CASE("tensors override config.json, and a disagreement is noted") {
  EditedModel model("llama");
  model.config.hidden_size = 32;
  model.config.vocabulary = 41;
  model.config.experts = 8;
  model.config.quantization = "gptq";
  CHECK(model.good().notes ==
        std::vector<std::string>{
            "config.json says width 32, the tensors have 16",
            "config.json says vocabulary 41, the tensors have 40",
            "config.json says experts 8, the tensors have 0",
            "config.json says that the weights are quantised by 'gptq', but they are not"});
}

TEST_CASE("every tensor has its role") {
  EditedModel model("qwen2_moe");
  model.add_zeros("model.layers.0.self_attn.q_proj.bias", DType::bf16, {16});
  model.add_zeros("model.layers.0.mlp.experts.0.up_proj.bias", DType::bf16, {6});
  const Anatomy anatomy = model.good();
  std::map<Role, int> count;
  for (const auto& role : anatomy.roles) ++count[role.value()];
  CHECK(count == std::map<Role, int>{{Role::token_embedding, 1},
                                     {Role::head, 1},
                                     {Role::ffn_gate, 8},
                                     {Role::ffn_up, 8},
                                     {Role::ffn_down, 8},
                                     {Role::ffn_norm, 2},
                                     {Role::router, 4},
                                     {Role::attention, 4},
                                     {Role::norm, 3},
                                     {Role::bias, 2}});
}

TEST_CASE("an unknown architecture is refused with what was and was not recognised") {
  EditedModel model("llama");
  model.rename("embed_tokens", "words");
  for (const char* matrix : {"gate_proj", "up_proj", "down_proj"}) {
    model.rename(cat("0.mlp.", matrix), cat("0.ff.", matrix));
    model.rename(cat("1.mlp.", matrix), cat("1.ff.", matrix));
  }
  const std::string message = model.refusal(ErrorCode::unsupported);
  CHECK_THAT(message,
             StartsWith("no naming rules explain these tensors; best: llama (14 of 21 tensors, no "
                        "FFN), qwen_moe (14 of 21 tensors, no FFN), "));
  CHECK_THAT(message, Contains(" other families; not recognised: "));
  CHECK_THAT(message, !Contains("(0 of"));
  CHECK_THAT(message, EndsWith("not recognised: 'model.words.weight', "
                               "'model.layers.0.ff.gate_proj.weight', "
                               "'model.layers.1.ff.gate_proj.weight', "
                               "'model.layers.0.ff.up_proj.weight', "
                               "'model.layers.1.ff.up_proj.weight', "
                               "'model.layers.0.ff.down_proj.weight', "
                               "'model.layers.1.ff.down_proj.weight'"));
}

TEST_CASE("families that recognise nothing are not listed") {
  EditedModel model("llama");
  for (const char* part : {"model.", "lm_head"}) model.rename(part, "xyz");
  const std::string message = model.refusal(ErrorCode::unsupported);
  CHECK_THAT(message, !Contains("best:") && !Contains("0 of"));
  CHECK_THAT(message, StartsWith("no naming rules recognise any of the 21 tensors; not recogn"));
}

TEST_CASE("rules given by the user read what no family knows") {
  EditedModel model("llama");
  model.rename("embed_tokens", "words");
  model.rename("0.mlp.up_proj", "0.ff.rise");
  model.rename("1.mlp.up_proj", "1.ff.rise");
  auto rules = NamingFamily::parse(
      "family mine\n"
      "token_embedding words\n"
      "ffn_gate layers.#.mlp.gate_proj\n"
      "ffn_up layers.#.ff.rise\n"
      "ffn_down layers.#.mlp.down_proj\n"
      "ffn_norm layers.#.post_attention_layernorm one_plus\n",
      "mine.rules");
  REQUIRE(rules);
  const Anatomy anatomy = model.good(&*rules);
  CHECK(anatomy.family == "mine");
  CHECK(anatomy.groups.size() == 2);
  CHECK(unrecognised(anatomy).size() == 12);
  EditedModel plain("llama");
  CHECK_THAT(plain.refusal(ErrorCode::unsupported, &*rules),
             StartsWith("no naming rules explain these tensors; best: mine ("));
}

TEST_CASE("seventy thousand tensors are laid out in a few seconds") {
  const TinySizes large{
      .width = 2, .vocabulary = 4, .layers = 60, .expert_units = 1, .experts = 390};
  EditedModel model("qwen3_moe", large);
  model.config.model_type = "";
  const auto start = std::chrono::steady_clock::now();
  const Anatomy anatomy = model.good();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  CHECK(anatomy.groups.size() == 60 * 390);
  CHECK(elapsed.count() < 20);  // measured: below one second; a sanitized build is ten times slower
}

}  // namespace wmk::checkpoint
