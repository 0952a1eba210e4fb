#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

namespace {

// Halves of one matrix, in a part with norms of its own.
Kind in_part(Kind kind, const std::string& part, const std::string& in_norm = "",
             const std::string& out_norm = "") {
  kind.part = part;
  kind.norms = {{in_norm, out_norm}};
  return kind;
}

std::vector<Expected> behind_the_blocks() {
  const std::string decoder = "model.decoder.layers.{l}.", encoder = "model.encoder.layers.{l}.";
  const std::string bert = "bert.encoder.layer.{l}.", prophet = "prophetnet.decoder.layers.{l}.";
  const std::vector<Kind> dense = {two(bert + "intermediate.dense", bert + "output.dense")};
  return {
      {"bart",
       "bart",
       "bart",
       {two(decoder + "fc1", decoder + "fc2"),
        in_part(two(encoder + "fc1", encoder + "fc2"), "encoder")},
       "",
       ""},
      {"bert", "bert", "bert", dense, "", ""},
      {"megatron-bert", "bert_pre_norm", "bert_pre_norm", dense, bert + "ln.weight", ""},
      {"minimax",
       "minimax",
       "minimax",
       {w132('e', 'M', kLayer + "block_sparse_moe.experts.{e}")},
       "",
       ""},
      {"openai-gpt",
       "openai_gpt",
       "openai_gpt",
       {{'d', 'l', 'I', {}, {kH + "mlp.c_fc.weight", "c i"}, {kH + "mlp.c_proj.weight", "i c"}}},
       "",
       ""},
      {"prophetnet",
       "prophetnet",
       "prophetnet",
       {two(prophet + "feed_forward.intermediate", prophet + "feed_forward.output")},
       "",
       ""},
      {"xlm",
       "xlm",
       "xlm",
       {two("transformer.ffns.{l}.lin1", "transformer.ffns.{l}.lin2")},
       "",
       ""},
      {"xlnet",
       "xlnet",
       "xlnet",
       {two("transformer.layer.{l}.ff.layer_1", "transformer.layer.{l}.ff.layer_2")},
       "",
       ""},
      {"nanochat", "nanochat", "nanochat", {two(kMlp + ".fc1", kMlp + ".fc2")}, "", ""},
      {"qwen4_exp_text",
       "qwen4_exp",
       "qwen4_exp",
       {gated('e', 'l', 'M', kMlp + ".experts.{e}"), gated('s', 'l', 'S', kMlp + ".shared_expert")},
       "",
       ""},
  };
}

std::vector<Expected> of_several_parts() {
  const std::string encoder = "model.encoder.layers.{l}.", decoder = "model.decoder.layers.{l}.";
  const std::string local_e = "model.local_encoder.layers.{l}.";
  const std::string local_d = "model.local_decoder.layers.{l}.";
  const auto stack = [](const std::string& module) {
    const std::string mlp = "model." + module + ".layers.{l}.mlp.";
    return halves('d', 'I', mlp + "gate_up_proj.weight", mlp + "down_proj.weight");
  };
  const auto t5 = [](const std::string& layer) {
    return two(layer + "DenseReluDense.wi", layer + "DenseReluDense.wo");
  };
  const std::string t5_d = "decoder.block.{l}.layer.2.", t5_e = "encoder.block.{l}.layer.1.";
  Kind first = gated('d', 'f', 'I', kMlp), rest = gated('d', 'r', 'I', kMlp);
  first.norms = {{kLayer + "feedforward_layer_norm.weight", ""}};
  rest.norms = {{"", kBehind}};
  return {
      {"blt",
       "blt",
       "blt",
       {in_part(gated('d', 'l', 'I', local_e + "mlp"), "encoder",
                local_e + "post_attention_layernorm.weight"),
        in_part(gated('d', 'l', 'I', local_d + "mlp"), "decoder",
                local_d + "post_attention_layernorm.weight")},
       "",
       ""},
      {"diffusion_gemma_text",
       "gemma4_moe",
       "gemma4_moe",
       {gated('d', 'l', 'I', kMlp),
        in_part(stacked('l', kLayer + "experts.gate_up_proj", kLayer + "experts.down_proj"),
                "experts", kLayer + "pre_feedforward_layernorm_2.weight",
                kLayer + "post_feedforward_layernorm_2.weight")},
       kPre,
       kLayer + "post_feedforward_layernorm_1.weight"},
      {"hrm_text",
       "hrm_text",
       "hrm_text",
       {in_part(stack("H_module"), "H"), in_part(stack("L_module"), "L")},
       "",
       ""},
      {"longcat_flash",
       "longcat_flash",
       "longcat_flash",
       {gated('d', 'l', 'I', kLayer + "mlps.0"), gated('e', 'l', 'M', kMlp + ".experts.{e}"),
        in_part(gated('d', 'l', 'I', kLayer + "mlps.1"), "second",
                kLayer + "post_attention_layernorm.1.weight")},
       "",
       ""},
      {"olmo_hybrid", "olmo_hybrid", "olmo_hybrid", {first, rest}, "", ""},
      {"t5gemma2",
       "t5gemma2",
       "t5gemma2",
       {in_part(gated('d', 'l', 'I', encoder + "mlp"), "encoder",
                "1+" + encoder + "pre_feedforward_layernorm.weight",
                "1+" + encoder + "post_feedforward_layernorm.weight"),
        in_part(gated('d', 'l', 'I', decoder + "mlp"), "decoder",
                "1+" + decoder + "pre_feedforward_layernorm.weight",
                "1+" + decoder + "post_feedforward_layernorm.weight")},
       "",
       ""},
      {"udop",
       "t5",
       "t5",
       {in_part(t5(t5_d), "decoder", t5_d + "layer_norm.weight"),
        in_part(t5(t5_e), "encoder", t5_e + "layer_norm.weight")},
       "",
       ""},
  };
}

}  // namespace

std::vector<Expected> expected_with_other_norms() {
  std::vector<Expected> out = behind_the_blocks();
  for (auto& each : of_several_parts()) out.push_back(std::move(each));
  return out;
}

}  // namespace wmk::test
