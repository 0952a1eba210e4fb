#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

std::vector<Expected> expected_with_experts() {
  const Kind experts = gated('e', 'l', 'M', kMlp + ".experts.{e}");
  const Kind later_experts = gated('e', 'r', 'M', kMlp + ".experts.{e}");
  const Kind first = gated('d', 'f', 'I', kMlp);
  const Kind one_shared = gated('s', 'l', 'S', kMlp + ".shared_expert");
  const Kind shared = gated('s', 'l', 'S', kMlp + ".shared_experts");
  const Kind later_shared = gated('s', 'r', 'S', kMlp + ".shared_experts");
  const std::string feed = kLayer + "feed_forward";
  return {
      {"mixtral",
       "mixtral",
       "mixtral",
       {w132('e', 'M', kLayer + "block_sparse_moe.experts.{e}")},
       kPost,
       ""},
      {"qwen2_moe", "qwen_moe", "qwen_moe", {experts, one_shared}, kPost, ""},
      {"qwen3_moe", "qwen_moe", "qwen_moe", {experts}, kPost, ""},
      {"olmoe", "qwen_moe", "qwen_moe", {experts}, kPost, ""},
      {"deepseek_v3", "qwen_moe", "qwen_moe", {first, later_experts, later_shared}, kPost, ""},
      {"PanguProMoE", "qwen_moe", "qwen_moe", {experts, one_shared}, kPost, ""},
      {"hunyuan_v1_moe",
       "qwen_moe",
       "qwen_moe",
       {experts, gated('s', 'l', 'S', kMlp + ".shared_mlp")},
       kPost,
       ""},
      {"flex_olmo", "olmo2", "olmo2", {experts}, "", kBehind},
      {"pangu_ultra_moe",
       "pangu_sandwich",
       "pangu_sandwich",
       {first, later_experts, later_shared},
       kLayer + "pre_mlp_layernorm.weight",
       kLayer + "post_mlp_layernorm.weight"},
      {"jamba",
       "jamba",
       "jamba",
       {gated('d', 'f', 'I', feed), gated('e', 'r', 'M', feed + ".experts.{e}")},
       kLayer + "pre_ff_layernorm.weight",
       ""},
      {"qwen3_next", "qwen3_next", "qwen3_next", {experts, one_shared}, "1+" + kPost, ""},
      {"merged_moe",
       "merged_moe",
       "merged_moe",
       {stacked('l', kMlp + ".experts.gate_up_proj", kMlp + ".experts.down_proj"), shared},
       kPost,
       ""},
  };
}

std::vector<Expected> expected_with_other_stacks() {
  const std::string feed = kLayer + "feed_forward", experts = kMlp + ".experts.";
  const std::string sparse = kLayer + "block_sparse_moe.", dbrx = "transformer.blocks.{l}.";
  const auto transposed = [](char layers, const std::string& both, const std::string& down) {
    return Kind{'e', layers, 'M', {both, "e c i"}, {both, "e c i+I"}, {down, "e i c"}};
  };
  return {
      {"qwen3_vl_moe_text",
       "merged_moe_transposed",
       "merged_moe_transposed",
       {transposed('l', experts + "gate_up_proj", experts + "down_proj")},
       kPost,
       ""},
      {"gpt_oss",
       "gpt_oss",
       "gpt_oss",
       {{'e',
         'l',
         'M',
         {experts + "gate_up_proj", "e c 2i"},
         {experts + "gate_up_proj", "e c 2i+1"},
         {experts + "down_proj", "e i c"}}},
       kPost,
       ""},
      {"llama4_text",
       "llama4",
       "llama4",
       {gated('d', 'f', 'I', feed), gated('s', 'r', 'S', feed + ".shared_expert"),
        transposed('r', feed + ".experts.gate_up_proj", feed + ".experts.down_proj")},
       kPost,
       ""},
      {"granitemoe",
       "granitemoe",
       "granitemoe",
       {stacked('l', sparse + "input_linear.weight", sparse + "output_linear.weight"),
        halves('s', 'S', kLayer + "shared_mlp.input_linear.weight",
               kLayer + "shared_mlp.output_linear.weight")},
       kPost,
       ""},
      {"jetmoe",
       "jetmoe",
       "jetmoe",
       {stacked('l', kMlp + ".input_linear.weight", kMlp + ".output_linear.weight")},
       kPost,
       ""},
      {"dbrx",
       "dbrx",
       "dbrx",
       {{'d',
         'l',
         'X',
         {dbrx + "ffn.experts.mlp.w1", "i c"},
         {dbrx + "ffn.experts.mlp.v1", "i c"},
         {dbrx + "ffn.experts.mlp.w2", "i c"}}},
       dbrx + "norm_attn_norm.norm_2.weight",
       ""},
  };
}

}  // namespace wmk::test
