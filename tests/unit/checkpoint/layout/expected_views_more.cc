#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

namespace {

// Matrices of any names, stored [out, in].
Kind three(const std::string& gate, const std::string& up, const std::string& down) {
  return {
      'd', 'l', 'I', {gate + ".weight", "i c"}, {up + ".weight", "i c"}, {down + ".weight", "c i"}};
}

Kind at_layers(Kind kind, char layers) {
  kind.layers = layers;
  return kind;
}

std::vector<Expected> stacked_experts() {
  const std::string ink = "model.llm.layers.{l}.mlp.experts.", shared = kMlp + ".shared_experts";
  const Kind merged = stacked('l', kMlp + ".experts.gate_up_proj", kMlp + ".experts.down_proj");
  return {
      {"aria_text",
       "aria",
       "aria",
       {{'e',
         'l',
         'M',
         {kMlp + ".experts.fc1.weight", "e c i"},
         {kMlp + ".experts.fc1.weight", "e c i+I"},
         {kMlp + ".experts.fc2.weight", "e i c"}},
        gated('s', 'l', 'S', shared)},
       kPost,
       ""},
      {"deepseek_v4",
       "deepseek_v4",
       "deepseek_v4",
       {w132('e', 'M', kLayer + "ffn.experts.{e}"), w132('s', 'S', kLayer + "ffn.shared_experts")},
       kLayer + "ffn_norm.weight",
       ""},
      {"inkling2_text",
       "inkling",
       "inkling",
       {{'e',
         'l',
         'M',
         {ink + "w13_weight", "e 2i c"},
         {ink + "w13_weight", "e 2i+1 c"},
         {ink + "w2_weight", "e c i"}}},
       "model.llm.layers.{l}.mlp_norm.weight",
       ""},
      {"inkling_text",
       "inkling_merged",
       "inkling_merged",
       {merged,
        {'t',
         'l',
         'S',
         {shared + ".gate_proj", "e i c"},
         {shared + ".up_proj", "e i c"},
         {shared + ".down_proj", "e c i"}}},
       kPost,
       ""},
  };
}

std::vector<Expected> more_experts() {
  const std::string blocks = "language_model.model.blocks.{l}.", moe = kLayer + "moe.";
  const std::string mixer = "backbone.layers.{l}.mixer", shared = kMlp + ".shared_experts";
  const Kind merged = stacked('l', kMlp + ".experts.gate_up_proj", kMlp + ".experts.down_proj");
  Kind dense_mixer = two(mixer + ".up_proj", mixer + ".down_proj");
  Kind shared_mixer = two(mixer + ".shared_experts.up_proj", mixer + ".shared_experts.down_proj");
  dense_mixer.layers = 'f';
  shared_mixer.who = 's', shared_mixer.units = 'S', shared_mixer.layers = 'r';
  return {
      {"kimi_k25",
       "kimi_k25",
       "kimi_k25",
       {gated('d', 'f', 'I', blocks + "mlp"), gated('e', 'r', 'M', blocks + "mlp.experts.{e}")},
       blocks + "post_attention_layernorm.weight",
       ""},
      {"lara_mini",
       "lara_mini",
       "lara_mini",
       {merged, gated('s', 'l', 'S', kMlp + ".shared_expert")},
       kPost,
       ""},
      {"minimax_m3_vl_text",
       "minimax_m3",
       "minimax_m3",
       {merged, halves('s', 'S', shared + ".gate_up_proj.weight", shared + ".down_proj.weight")},
       "1+" + kPost,
       ""},
      {"nemotron_h",
       "nemotron_h",
       "nemotron_h",
       {dense_mixer, shared_mixer},
       "backbone.layers.{l}.norm.weight",
       ""},
      {"step3p7",
       "step3p7",
       "step3p7",
       {gated('d', 'f', 'I', kMlp),
        {'e',
         'r',
         'M',
         {moe + "gate_proj.weight", "e i c"},
         {moe + "up_proj.weight", "e i c"},
         {moe + "down_proj.weight", "e c i"}},
        gated('s', 'r', 'S', kLayer + "share_expert")},
       "1+" + kPost,
       ""},
  };
}

std::vector<Expected> more_gated() {
  const std::string ant = "cpmant.encoder.layers.{l}.ffn.", block = "model.transformer.blocks.{l}.";
  const std::string wi = "decoder.layer.{l}.mlp.", ocr = "language_model.model.encoder.layers.{l}.";
  const std::string lstm = "backbone.blocks.{l}.", zamba = kLayer + "shared_transformer.";
  return {
      {"cpmant",
       "cpmant",
       "cpmant",
       {three(ant + "ffn.w_in.w_0", ant + "ffn.w_in.w_1", ant + "ffn.w_out")},
       ant + "layernorm_before_ffn.weight",
       ""},
      {"modernbert-decoder",
       "modernbert_decoder",
       "modernbert_decoder",
       {halves('d', 'I', kMlp + ".Wi.weight", kMlp + ".Wo.weight")},
       kLayer + "mlp_norm.weight",
       ""},
      {"molmo2",
       "molmo2",
       "molmo2",
       {{'d',
         'l',
         'I',
         {block + "mlp.ff_proj.weight", "i+I c"},
         {block + "mlp.ff_proj.weight", "i c"},
         {block + "mlp.ff_out.weight", "c i"}}},
       block + "ff_norm.weight",
       ""},
      {"moshi",
       "moshi",
       "moshi",
       {halves('d', 'I', kMlp + ".fc1.weight", kMlp + ".fc2.weight")},
       kPost,
       ""},
      {"pix2struct_text_model",
       "pix2struct",
       "pix2struct",
       {three(wi + "DenseReluDense.wi_0", wi + "DenseReluDense.wi_1", wi + "DenseReluDense.wo")},
       wi + "layer_norm.weight",
       ""},
      {"qianfan_ocr",
       "qianfan_ocr",
       "qianfan_ocr",
       {gated('d', 'l', 'I', ocr + "mlp")},
       ocr + "post_attention_layernorm.weight",
       ""},
      {"xlstm",
       "xlstm",
       "xlstm",
       {three(lstm + "ffn.proj_up_gate", lstm + "ffn.proj_up", lstm + "ffn.proj_down")},
       lstm + "norm_ffn.weight",
       ""},
      {"zamba2",
       "zamba",
       "zamba",
       {at_layers(halves('d', 'I', zamba + "feed_forward.gate_up_proj.weight",
                         zamba + "feed_forward.down_proj.weight"),
                  'f')},
       zamba + "pre_ff_layernorm.weight",
       ""},
  };
}

std::vector<Expected> more_ungated() {
  const std::string reformer = "reformer.encoder.layers.{l}.feed_forward.";
  const std::string rwkv = "rwkv.blocks.{l}.";
  return {
      {"ctrl", "ctrl", "ctrl", {two(kH + "ffn.0", kH + "ffn.2")}, kH + "layernorm2.weight", ""},
      {"reformer",
       "reformer",
       "reformer",
       {two(reformer + "dense.dense", reformer + "output.dense")},
       reformer + "layer_norm.weight",
       ""},
      {"rwkv",
       "rwkv",
       "rwkv",
       {two(rwkv + "feed_forward.key", rwkv + "feed_forward.value")},
       rwkv + "ln2.weight",
       ""},
  };
}

std::vector<Expected> megatron() {
  const std::string fc1 = "decoder.layers.{l}.mlp.linear_fc1";
  const std::string fc2 = "decoder.layers.{l}.mlp.linear_fc2";
  return {
      {"megatron",
       "megatron",
       "megatron",
       {halves('d', 'I', fc1 + ".weight", fc2 + ".weight")},
       fc1 + ".layer_norm_weight",
       ""},
      {"megatron_ungated",
       "megatron_ungated",
       "megatron_ungated",
       {two(fc1, fc2)},
       "decoder.layers.{l}.pre_mlp_layernorm.weight",
       ""},
  };
}

}  // namespace

std::vector<Expected> expected_with_other_names() {
  std::vector<Expected> out = stacked_experts();
  for (const auto& part : {more_experts(), more_gated(), more_ungated(), megatron()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

}  // namespace wmk::test
