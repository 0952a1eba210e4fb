#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

namespace {

Kind three(char who, char layers, char units, const std::string& end, const std::string& expert) {
  const std::string prefix = "blk.{l}.ffn_";
  return {who,
          layers,
          units,
          {prefix + "gate" + end + ".weight", expert + "i c"},
          {prefix + "up" + end + ".weight", expert + "i c"},
          {prefix + "down" + end + ".weight", expert + "c i"}};
}

}  // namespace

std::vector<Expected> expected_in_gguf() {
  const std::string b = "blk.{l}.", before = b + "ffn_norm.weight",
                    after = b + "post_ffw_norm.weight";
  const Kind dense = three('d', 'l', 'I', "", "");
  const Kind experts = three('e', 'l', 'M', "_exps", "e ");
  const Kind fused = halves('d', 'I', b + "ffn_up.weight", b + "ffn_down.weight");
  const Kind ungated = two(b + "ffn_up", b + "ffn_down");
  return {
      {"qwen2vl", "gguf", "gguf", {dense}, before, ""},
      {"qwen2moe", "gguf", "gguf", {experts, three('s', 'l', 'S', "_shexp", "")}, before, ""},
      {"deepseek2",
       "gguf",
       "gguf",
       {three('d', 'f', 'I', "", ""), three('e', 'r', 'M', "_exps", "e "),
        three('s', 'r', 'S', "_shexp", "")},
       before,
       ""},
      {"gguf_merged",
       "gguf",
       "gguf",
       {stacked('l', b + "ffn_gate_up_exps.weight", b + "ffn_down_exps.weight")},
       before,
       ""},
      {"gpt-oss",
       "gguf_late_norm",
       "gguf_late_norm",
       {experts},
       b + "post_attention_norm.weight",
       ""},
      {"gemma-embedding", "gguf_sandwich", "gguf_sandwich", {dense}, before, after},
      {"exaone4", "gguf_post_norm", "gguf_post_norm", {dense}, "", after},
      {"command-r",
       "gguf_parallel_gated",
       "gguf_parallel_gated",
       {dense},
       b + "attn_norm.weight",
       ""},
      {"gguf_no_norm", "gguf_no_norm", "gguf_no_norm", {dense}, "", ""},
      {"gguf_dbrx", "gguf_dbrx", "gguf_dbrx", {experts}, b + "attn_output_norm.weight", ""},
      {"gguf_fused", "gguf_fused", "gguf_fused", {fused}, before, ""},
      {"gguf_fused_sandwich", "gguf_fused_sandwich", "gguf_fused_sandwich", {fused}, before, after},
      {"gptneox", "gguf_ungated", "gguf_ungated", {ungated}, before, ""},
      {"phi2", "gguf_parallel", "gguf_parallel", {ungated}, b + "attn_norm.weight", ""},
  };
}

}  // namespace wmk::test
