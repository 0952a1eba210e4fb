#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

std::vector<Expected> expected_views() {
  std::vector<Expected> out;
  for (const auto& part : {expected_dense(), expected_without_gate(), expected_with_experts(),
                           expected_with_other_stacks(), expected_with_other_names(),
                           expected_with_other_norms(), expected_in_gguf()}) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

std::vector<Expected> expected_dense() {
  const std::vector<Kind> mlp = {gated('d', 'l', 'I', kMlp)};
  const std::vector<Kind> fused = {
      halves('d', 'I', kMlp + ".gate_up_proj.weight", kMlp + ".down_proj.weight")};
  const std::string encoder = "transformer.encoder.layers.{l}.";
  return {
      {"llama", "llama", "llama", mlp, kPost, ""},
      {"qwen2", "llama", "llama", mlp, kPost, ""},
      {"qwen3", "llama", "llama", mlp, kPost, ""},
      {"gemma", "gemma", "llama", mlp, "1+" + kPost, ""},
      {"gemma2", "gemma2", "gemma2", mlp, "1+" + kPre, "1+" + kBehind},
      {"gemma3_text", "gemma2", "gemma2", mlp, "1+" + kPre, "1+" + kBehind},
      {"gemma3n_text", "gemma3n", "gemma3n", mlp, kPre, kBehind},
      {"vaultgemma", "vaultgemma", "vaultgemma", mlp, "1+" + kPre, ""},
      {"olmo", "olmo", "olmo", mlp, "", ""},
      {"olmo2", "olmo2", "olmo2", mlp, "", kBehind},
      {"cohere", "cohere", "cohere", mlp, kLayer + "input_layernorm.weight", ""},
      {"phi3", "phi3", "phi3", fused, kPost, ""},
      {"glm4", "glm4", "glm4", fused, kPost, kLayer + "post_mlp_layernorm.weight"},
      {"chatglm",
       "chatglm",
       "chatglm",
       {halves('d', 'I', encoder + "mlp.dense_h_to_4h.weight",
               encoder + "mlp.dense_4h_to_h.weight")},
       encoder + "post_attention_layernorm.weight",
       ""},
      {"recurrent_gemma",
       "recurrent_gemma",
       "recurrent_gemma",
       {gated('d', 'l', 'I', kLayer + "mlp_block")},
       "1+" + kLayer + "channel_pre_norm.weight",
       ""},
      {"internlm2",
       "internlm2",
       "internlm2",
       {w132('d', 'I', kLayer + "feed_forward")},
       kLayer + "ffn_norm.weight",
       ""},
      {"llama_pth",
       "llama_pth",
       "llama_pth",
       {w132('d', 'I', "layers.{l}.feed_forward")},
       "layers.{l}.ffn_norm.weight",
       ""},
      {"lfm2",
       "lfm2",
       "lfm2",
       {w132('d', 'I', kLayer + "feed_forward")},
       kLayer + "ffn_norm.weight",
       ""},
      {"qwen",
       "qwen",
       "qwen",
       {{'d',
         'l',
         'I',
         {kH + "mlp.w2.weight", "i c"},
         {kH + "mlp.w1.weight", "i c"},
         {kH + "mlp.c_proj.weight", "c i"}}},
       kH + "ln_2.weight",
       ""},
      {"exaone",
       "exaone",
       "exaone",
       {{'d',
         'l',
         'I',
         {kH + "mlp.c_fc_0.weight", "i c"},
         {kH + "mlp.c_fc_1.weight", "i c"},
         {kH + "mlp.c_proj.weight", "c i"}}},
       kH + "ln_2.weight",
       ""},
  };
}

}  // namespace wmk::test
