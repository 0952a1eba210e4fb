// Architectures with the tensor names of GGUF; the others are in architectures.cc.
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

const std::string kEnds = "token_embd.weight V d\noutput.weight V d\noutput_norm.weight d\n";
const std::string kAttention =
    "blk.{l}.attn_q.weight d d\nblk.{l}.attn_k.weight 4 d\nblk.{l}.attn_output.weight d d\n";
const std::string kNorm = "blk.{l}.attn_norm.weight d\n";
const std::string kFfnNorm = "blk.{l}.ffn_norm.weight d\n";
const std::string kSandwich =
    "blk.{l}.post_attention_norm.weight d\nblk.{l}.post_ffw_norm.weight d\n";
const std::string kTwo = "blk.{l}.ffn_up.weight I d\nblk.{l}.ffn_down.weight d I\n";
const std::string kFused = "blk.{l}.ffn_up.weight 2I d\nblk.{l}.ffn_down.weight d I\n";

std::string gated(const std::string& layers, const std::string& end, const std::string& units) {
  const std::string prefix = "blk.{" + layers + "}.ffn_";
  return prefix + "gate" + end + ".weight " + units + " d\n" + prefix + "up" + end + ".weight " +
         units + " d\n" + prefix + "down" + end + ".weight d " + units + "\n";
}

// [experts, out, in]
std::string stacked(const std::string& layers) {
  const std::string prefix = "blk.{" + layers + "}.ffn_";
  return prefix + "gate_exps.weight E M d\n" + prefix + "up_exps.weight E M d\n" + prefix +
         "down_exps.weight E d M\n" + prefix + "gate_inp.weight E d\n";
}

}  // namespace

std::vector<Architecture> in_gguf() {
  const std::string dense = gated("l", "", "I");
  const std::string frame = kEnds + kAttention + kNorm;
  return {
      {"qwen2vl", false, frame + kFfnNorm + dense + "blk.{l}.attn_q.bias d\n"},
      {"qwen2moe", false,
       frame + kFfnNorm + stacked("l") + gated("l", "_shexp", "S") +
           "blk.{l}.ffn_gate_inp_shexp.weight d\n"},
      {"deepseek2", false,
       frame + kFfnNorm + gated("f", "", "I") + stacked("r") + gated("r", "_shexp", "S") +
           "blk.{r}.exp_probs_b.bias E\nblk.{l}.attn_kv_a_mqa.weight 8 d\n"},
      {"gguf_merged", false,
       frame + kFfnNorm +
           "blk.{l}.ffn_gate_up_exps.weight E 2M d\n"
           "blk.{l}.ffn_down_exps.weight E d M\n"},
      {"gpt-oss", false,
       frame + stacked("l") +
           "blk.{l}.post_attention_norm.weight d\nblk.{l}.attn_sinks.weight 4\n"
           "blk.{l}.ffn_gate_exps.bias E M\n"},
      {"gemma-embedding", false, frame + kFfnNorm + kSandwich + dense},
      {"exaone4", false, kEnds + kAttention + kSandwich + dense},
      {"command-r", false, frame + dense},
      {"gguf_no_norm", false, kEnds + kAttention + dense},
      {"gguf_dbrx", false, frame + stacked("l") + "blk.{l}.attn_output_norm.weight d\n"},
      {"gguf_fused", false, frame + kFfnNorm + kFused},
      {"gguf_fused_sandwich", false, frame + kFfnNorm + kSandwich + kFused},
      {"gptneox", false, frame + kFfnNorm + kTwo + "blk.{l}.ffn_up.bias I\n"},
      {"phi2", false, frame + kTwo + "blk.{l}.attn_norm.bias d\n"},
  };
}

}  // namespace wmk::test
