// Values and outputs of attention heads are found in every form: the circuits O V that the views
// give are those of the weights that were stored (specs/heads.md 1).
#include "checkpoint/attention/heads.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/text.h"
#include "checkpoint/readings/norm_variants.h"
#include "tests/unit/checkpoint/attention/head_forms.h"
#include "tests/unit/scratch.h"

namespace wmk::checkpoint {
namespace {

using namespace wmk::test;

struct Opened {
  Checkpoint checkpoint;
  Anatomy anatomy;
  Heads heads;
};

Opened open_form(const HeadForm& form, const HeadWeights& weights) {
  Scratch scratch;
  write_safetensors(scratch.put("model/model.safetensors", ""), form_tensors(form, weights));
  scratch.put("model/config.json", form_config(form));
  auto checkpoint = Checkpoint::open(scratch / "model");
  REQUIRE(checkpoint);
  auto config = read_config(*checkpoint);
  REQUIRE(config);
  auto anatomy = make_anatomy(*checkpoint, *config);
  INFO((anatomy ? "" : anatomy.error().message()));
  REQUIRE(anatomy);
  auto heads = find_heads(*checkpoint, *anatomy, *config);
  REQUIRE(heads);
  return {*std::move(checkpoint), *std::move(anatomy), *std::move(heads)};
}

// The circuits of all layers and heads, as the views give them.
std::vector<Circuit> circuits_in(const Opened& model) {
  std::vector<Circuit> out;
  for (const HeadLayer& layer : model.heads.layers) {
    for (uint64_t h = 0; h < layer.heads; ++h) {
      out.push_back(read_circuit(model.checkpoint, model.heads, layer, h, model.anatomy.width));
    }
  }
  return out;
}

void check_form(const HeadForm& form) {
  INFO(form.architecture << " " << form.value);
  const HeadWeights weights = random_heads(form);
  const Opened model = open_form(form, weights);
  INFO(model.heads.missing);
  const size_t parts = form.layout == FusedLayout::halves ? 2 : 1;
  REQUIRE(model.heads.layers.size() == 2 * parts);
  CHECK(model.heads.skipped.empty());
  CHECK(model.heads.layers[0].heads == form.heads / parts);
  CHECK(model.heads.layers[0].kv_heads == form.kv_heads / parts);
  CHECK(model.heads.layers[1].value_size == kFormValues);
  const std::vector<Circuit> found = circuits_in(model), expected = form_circuits(form, weights);
  REQUIRE(found.size() == expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    INFO("circuit " << i);
    CHECK(largest_difference(found[i], expected[i]) < 1e-5);
  }
}

const std::string kNeox = "gpt_neox.layers.{l}.attention.", kBloom = "transformer.h.{l}.";

TEST_CASE("separate values and outputs are found under the names of each family") {
  const std::string llama = "model.layers.{l}.";
  const std::string self = llama + "self_attn.";
  for (const char* architecture :
       {"llama", "qwen3", "gemma", "starcoder2", "arcee", "mixtral", "qwen2_moe"}) {
    check_form({architecture, 4, 1, self + "v_proj", self + "o_proj", llama + "input_layernorm"});
  }
  const std::string blk = "blk.{l}.";
  check_form({"qwen2vl", 4, 2, blk + "attn_v", blk + "attn_output", blk + "attn_norm"});
  check_form({"gptneox", 4, 4, blk + "attn_v", blk + "attn_output", blk + "attn_norm"});
  const std::string opt = "model.decoder.layers.{l}.";
  check_form({"opt", 4, 4, opt + "self_attn.v_proj", opt + "self_attn.out_proj",
              opt + "self_attn_layer_norm"});
  check_form({"llama_pth", 4, 2, "layers.{l}.attention.wv", "layers.{l}.attention.wo",
              "layers.{l}.attention_norm"});
  check_form({"gpt_neo", 4, 4, kBloom + "attn.attention.v_proj", kBloom + "attn.attention.out_proj",
              kBloom + "ln_1"});
}

TEST_CASE("norms around attention fold where the family has them, as w or 1 + w") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  const std::string v = self + "v_proj", o = self + "o_proj", in = llama + "input_layernorm";
  const std::string post = llama + "post_attention_layernorm";
  for (const char* architecture : {"gemma2", "gemma3n_text"}) {
    check_form({architecture, 4, 1, v, o, in, post});
  }
  check_form({"glm4", 4, 1, v, o, in, llama + "post_self_attn_layernorm"});
  check_form({"olmo2", 4, 1, v, o, "", post});
  check_form({"olmo", 4, 1, v, o, ""});
  check_form({"vaultgemma", 4, 1, v, o, in});
  // One norm before attention and FFN alike.
  check_form({"cohere", 4, 1, v, o, in});
  check_form({"phi", 4, 4, v, self + "dense", in});
  check_form({"gptj", 4, 4, kBloom + "attn.v_proj", kBloom + "attn.out_proj", kBloom + "ln_1"});
  const std::string blk = "blk.{l}.";
  check_form({"phi2", 4, 4, blk + "attn_v", blk + "attn_output", blk + "attn_norm"});
  check_form({"gemma-embedding", 4, 1, blk + "attn_v", blk + "attn_output", blk + "attn_norm",
              blk + "post_attention_norm"});
  check_form(
      {"exaone4", 4, 1, blk + "attn_v", blk + "attn_output", "", blk + "post_attention_norm"});
}

TEST_CASE("values are found behind queries and keys in one tensor") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  const auto rows = FusedLayout::rows;
  check_form(
      {"phi3", 4, 2, self + "qkv_proj", self + "o_proj", llama + "input_layernorm", "", rows});
  check_form(
      {"llama", 4, 4, self + "W_pack", self + "o_proj", llama + "input_layernorm", "", rows});
  const std::string glm = "transformer.encoder.layers.{l}.";
  check_form({"chatglm", 4, 2, glm + "self_attention.query_key_value", glm + "self_attention.dense",
              glm + "input_layernorm", "", rows});
  check_form(
      {"qwen", 4, 4, kBloom + "attn.c_attn", kBloom + "attn.c_proj", kBloom + "ln_1", "", rows});
  const std::string mpt = "transformer.blocks.{l}.";
  check_form({"mpt", 4, 4, mpt + "attn.Wqkv", mpt + "attn.out_proj", mpt + "norm_1", "", rows});
  check_form(
      {"qwen2vl", 4, 2, "blk.{l}.attn_qkv", "blk.{l}.attn_output", "blk.{l}.attn_norm", "", rows});
}

TEST_CASE("values are found between queries and keys, by head and by group") {
  const auto by_group = FusedLayout::by_group;
  const std::string qkv = kBloom + "self_attention.query_key_value";
  const std::string dense = kBloom + "self_attention.dense";
  check_form({"gpt_neox", 4, 4, kNeox + "query_key_value", kNeox + "dense",
              "gpt_neox.layers.{l}.input_layernorm", "", by_group});
  check_form({"bloom", 4, 4, qkv, dense, kBloom + "input_layernorm", "", by_group});
  check_form({"falcon", 4, 1, qkv, dense, kBloom + "input_layernorm", "", by_group});
  check_form({"falcon_40b", 4, 2, qkv, dense, kBloom + "ln_attn", "", by_group});
  const std::string self = "model.layers.{l}.self_attn.";
  check_form({"persimmon", 4, 4, self + "query_key_value", self + "dense",
              "model.layers.{l}.input_layernorm", "", by_group});
  const std::string lm2 = "model.layers.{l}.attention";
  check_form({"internlm2", 4, 2, lm2 + ".wqkv", lm2 + ".wo", lm2 + "_norm", "", by_group});
  check_form({"gpt_bigcode", 4, 1, kBloom + "attn.c_attn", kBloom + "attn.c_proj", kBloom + "ln_1",
              "", by_group});
}

TEST_CASE("values are found between queries and keys of each quarter of the heads") {
  for (const size_t heads : {4, 8}) {
    check_form({"gptj", heads, heads, kBloom + "attn.qkv_proj", kBloom + "attn.out_proj",
                kBloom + "ln_1", "", FusedLayout::quarters});
  }
}

TEST_CASE("outputs of experts read the same values") {
  const std::string layer = "model.layers.{l}.", self = layer + "self_attention.";
  HeadForm form{"jetmoe",
                8,
                2,
                self + "kv_proj",
                self + "experts.output_linear",
                layer + "input_layernorm",
                "",
                FusedLayout::experts};
  form.config = R"(,"num_attention_heads":4,"num_key_value_heads":2)";  // two experts at a time
  check_form(form);
}

TEST_CASE("values of half the heads in a tensor of their own are found") {
  const std::string layer = "model.layers.{l}.", self = layer + "self_attn.";
  HeadForm form{"merged_moe",
                8,
                4,
                self + "qkv_proj.v_proj_current",
                self + "o_proj",
                layer + "input_layernorm",
                "",
                FusedLayout::halves};
  form.second = self + "qkv_proj.v_proj_delayed";
  check_form(form);
  form.kv_heads = 2;
  check_form(form);
  form.config = R"(,"num_attention_heads":4,"num_key_value_heads":1)";
  const Opened model = open_form(form, random_heads(form));
  CHECK(model.heads.missing.find("half the heads") != std::string::npos);
}

TEST_CASE("values of matrices that are stored as [in, out] are found") {
  check_form({"gpt2", 4, 4, kBloom + "attn.c_attn", kBloom + "attn.c_proj", kBloom + "ln_1", "",
              FusedLayout::transposed});
}

TEST_CASE("values that pass a latent are found, with the norm of the latent") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  HeadForm form{
      "deepseek_v3",      4, 4, self + "kv_b_proj", self + "o_proj", llama + "input_layernorm", "",
      FusedLayout::latent};
  form.latent_down = self + "kv_a_proj_with_mqa";
  form.latent_norm = self + "kv_a_layernorm";
  check_form(form);
  form = {
      "deepseek2",        4, 4, "blk.{l}.attn_kv_b", "blk.{l}.attn_output", "blk.{l}.attn_norm", "",
      FusedLayout::latent};
  form.latent_down = "blk.{l}.attn_kv_a_mqa";
  form.latent_norm = "blk.{l}.attn_kv_a_norm";
  check_form(form);
  form.value = "blk.{l}.attn_v_b";
  form.layout = FusedLayout::latent_values;
  check_form(form);
}

TEST_CASE("heads that cannot be read have a reason, layer by layer", "[bad-input]") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  HeadForm form{"llama", 4, 1, self + "v_proj", self + "o_proj", llama + "input_layernorm"};
  const HeadWeights weights = random_heads(form);
  form.left_out = "model.layers.1.self_attn.v_proj.weight";
  Opened model = open_form(form, weights);
  CHECK(model.heads.layers.size() == 1);
  REQUIRE(model.heads.skipped.size() == 1);
  CHECK(model.heads.skipped[0].layer == 1);
  CHECK(model.heads.skipped[0].reason == "no value matrix");
  form.architecture = "falcon_40b";  // keeps its own tensor, and no values are beside it
  form.left_out = "transformer.h.1.self_attention.dense.weight";
  model = open_form(form, weights);
  CHECK(model.heads.layers.size() == 1);
  CHECK(model.heads.skipped.at(0).reason == "no output matrix");
  // A tensor that holds queries, keys and values in a layout that no rule names is not read.
  form = {"mixtral",        4, 4, self + "qkv_proj", self + "o_proj", llama + "input_layernorm", "",
          FusedLayout::rows};
  model = open_form(form, random_heads(form));
  CHECK(model.heads.layers.empty());
  CHECK(model.heads.missing == "layer 0: no value matrix");
  model = open_form({"rwkv", 4, 4, "x.{l}.v", "x.{l}.o", ""}, random_heads(form));
  CHECK(model.heads.missing ==
        "by the names of family 'rwkv' no tensor is a value or output of attention");
  model = open_form({"deepseek_v4", 4, 4, "x.{l}.v", "x.{l}.o", ""}, random_heads(form));
  CHECK(model.heads.missing == "keys and values are one matrix, and outputs pass a second one");
}

TEST_CASE("numbers of heads come from shapes where config.json is silent or wrong", "[bad-input]") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  HeadForm form{"llama", 4, 1, self + "v_proj", self + "o_proj", llama + "input_layernorm"};
  const HeadWeights weights = random_heads(form);
  for (const char* config : {"", R"(,"num_attention_heads":5)", R"(,"head_dim":4)",
                             R"(,"num_attention_heads":4,"num_key_value_heads":3)",
                             R"(,"num_attention_heads":18446744073709551615)"}) {
    form.config = config;
    const Opened model = open_form(form, weights);
    INFO(config);
    REQUIRE(model.heads.layers.size() == 2);
    CHECK(model.heads.layers[0].heads == 4);
    CHECK(model.heads.layers[0].kv_heads == 1);
  }
}

TEST_CASE("other readings of norm weights are those of attention too") {
  const std::string llama = "model.layers.{l}.", self = llama + "self_attn.";
  const HeadForm form{"gemma", 4, 1, self + "v_proj", self + "o_proj", llama + "input_layernorm"};
  const Opened model = open_form(form, random_heads(form));
  const float declared = model.heads.norm_weights.at(0).at(3);
  size_t found = 0;
  for (const NormVariant& variant : norm_variants(model.checkpoint, model.anatomy)) {
    auto heads = find_heads(model.checkpoint, variant.anatomy, {});
    REQUIRE(heads);
    REQUIRE(heads->layers.size() == 2);
    found += variant.words == "norm weights as w" || variant.words == "norm weights ignored";
    if (variant.words == "norm weights as w") {
      CHECK(heads->norm_weights.at(0).at(3) == Approx(declared - 1));
    }
    if (variant.words == "norm weights ignored") CHECK_FALSE(heads->layers[0].in_norm);
  }
  CHECK(found == 2);
}

}  // namespace
}  // namespace wmk::checkpoint
