// Architectures with experts; the others are in architectures.cc.
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

const std::string kFrame =
    "model.embed_tokens.weight V d\nlm_head.weight V d\nmodel.norm.weight d\n"
    "model.layers.{l}.input_layernorm.weight d\n"
    "model.layers.{l}.self_attn.q_proj.weight d d\n"
    "model.layers.{l}.self_attn.o_proj.weight d d\n";
const std::string kFfnNorm = "model.layers.{l}.post_attention_layernorm.weight d\n";

std::string gated(const std::string& prefix, const std::string& units) {
  return prefix + ".gate_proj.weight " + units + " d\n" + prefix + ".up_proj.weight " + units +
         " d\n" + prefix + ".down_proj.weight d " + units + "\n";
}

std::string w123(const std::string& prefix) {
  return prefix + ".w1.weight M d\n" + prefix + ".w2.weight d M\n" + prefix + ".w3.weight M d\n";
}

// The layout of DeepSeek: a dense first layer, then routed experts and a shared one.
std::string deepseek() {
  return kFrame + gated("model.layers.{f}.mlp", "I") +
         gated("model.layers.{r}.mlp.experts.{e}", "M") +
         gated("model.layers.{r}.mlp.shared_experts", "S") +
         "model.layers.{r}.mlp.gate.weight E d\n"
         "model.layers.{r}.mlp.gate.e_score_correction_bias E\n";
}

std::vector<Architecture> separate_experts() {
  const std::string routed = gated("model.layers.{l}.mlp.experts.{e}", "M");
  const std::string router = "model.layers.{l}.mlp.gate.weight E d\n";
  const std::string shared = gated("model.layers.{l}.mlp.shared_expert", "S");
  return {
      {"mixtral", false,
       kFrame + kFfnNorm + w123("model.layers.{l}.block_sparse_moe.experts.{e}") +
           "model.layers.{l}.block_sparse_moe.gate.weight E d\n"},
      {"qwen2_moe", false,
       kFrame + kFfnNorm + routed + router + shared +
           "model.layers.{l}.mlp.shared_expert_gate.weight 1 d\n"},
      {"qwen3_moe", false,
       kFrame + kFfnNorm + routed + router + "model.layers.{l}.self_attn.q_norm.weight 4\n"},
      {"olmoe", false,
       kFrame + kFfnNorm + routed + router + "model.layers.{l}.self_attn.q_norm.weight d\n"},
      {"deepseek_v3", false,
       deepseek() + kFfnNorm + "model.layers.{l}.self_attn.kv_a_proj_with_mqa.weight 8 d\n"},
      {"PanguProMoE", false,
       kFrame + kFfnNorm + routed + router + shared +
           "model.layers.{l}.mlp.router_scale 1 E\nmodel.layers.{l}.self_attn.o_proj.bias d\n"},
      {"hunyuan_v1_moe", false,
       kFrame + kFfnNorm + routed + "model.layers.{l}.mlp.gate.wg.weight E d\n" +
           gated("model.layers.{l}.mlp.shared_mlp", "S")},
      {"flex_olmo", false,
       "model.embed_tokens.weight V d\nmodel.norm.weight d\n"
       "model.layers.{l}.self_attn.q_proj.weight d d\n"
       "model.layers.{l}.post_attention_layernorm.weight d\n"
       "model.layers.{l}.post_feedforward_layernorm.weight d\n" +
           routed + router},
      {"pangu_ultra_moe", false,
       deepseek() + "model.layers.{l}.post_attention_layernorm.weight d\n" +
           "model.layers.{l}.pre_mlp_layernorm.weight d\n"
           "model.layers.{l}.post_mlp_layernorm.weight d\n"},
      {"jamba", false,
       "model.embed_tokens.weight V d\nmodel.final_layernorm.weight d\n"
       "model.layers.{l}.input_layernorm.weight d\nmodel.layers.{l}.pre_ff_layernorm.weight d\n"
       "model.layers.{f}.mamba.in_proj.weight 48 d\n"
       "model.layers.{r}.feed_forward.router.weight E d\n" +
           gated("model.layers.{f}.feed_forward", "I") +
           gated("model.layers.{r}.feed_forward.experts.{e}", "M")},
      {"qwen3_next", true,
       kFrame + kFfnNorm + routed + router + shared +
           "model.layers.{f}.linear_attn.in_proj_qkvz.weight 48 d\n"},
  };
}

std::vector<Architecture> stacked_experts() {
  const std::string merged =
      "model.layers.{l}.mlp.experts.gate_up_proj E 2M d\n"
      "model.layers.{l}.mlp.experts.down_proj E d M\n";
  const std::string transposed =
      "model.layers.{l}.mlp.experts.gate_up_proj E d 2M\n"
      "model.layers.{l}.mlp.experts.down_proj E M d\n";
  return {
      {"merged_moe", false,
       kFrame + kFfnNorm + merged + "model.layers.{l}.mlp.gate.weight E d\n" +
           gated("model.layers.{l}.mlp.shared_experts", "S")},
      {"qwen3_vl_moe_text", false,
       kFrame + kFfnNorm + transposed + "model.layers.{l}.mlp.gate.weight E d\n"},
      {"gpt_oss", false,
       kFrame + kFfnNorm + transposed +
           "model.layers.{l}.mlp.experts.gate_up_proj_bias E 2M\n"
           "model.layers.{l}.mlp.experts.down_proj_bias E d\n"
           "model.layers.{l}.mlp.router.weight E d\nmodel.layers.{l}.mlp.router.bias E\n"
           "model.layers.{l}.self_attn.sinks 4\n"},
      {"llama4_text", false,
       kFrame + kFfnNorm + gated("model.layers.{f}.feed_forward", "I") +
           gated("model.layers.{r}.feed_forward.shared_expert", "S") +
           "model.layers.{r}.feed_forward.experts.gate_up_proj E d 2M\n"
           "model.layers.{r}.feed_forward.experts.down_proj E M d\n"
           "model.layers.{r}.feed_forward.router.weight E d\n"},
      {"granitemoe", false,
       kFrame + kFfnNorm +
           "model.layers.{l}.block_sparse_moe.input_linear.weight E 2M d\n"
           "model.layers.{l}.block_sparse_moe.output_linear.weight E d M\n"
           "model.layers.{l}.block_sparse_moe.router.layer.weight E d\n"
           "model.layers.{l}.shared_mlp.input_linear.weight 2S d\n"
           "model.layers.{l}.shared_mlp.output_linear.weight d S\n"},
      {"jetmoe", false,
       "model.embed_tokens.weight V d\nmodel.norm.weight d\n"
       "model.layers.{l}.input_layernorm.weight d\n" +
           kFfnNorm +
           "model.layers.{l}.self_attention.experts.input_linear.weight E 8 d\n"
           "model.layers.{l}.self_attention.kv_proj.weight 16 d\n"
           "model.layers.{l}.mlp.input_linear.weight E 2M d\n"
           "model.layers.{l}.mlp.output_linear.weight E d M\n"
           "model.layers.{l}.mlp.router.layer.weight E d\nmodel.layers.{l}.mlp.bias d\n"},
      {"dbrx", false,
       "transformer.wte.weight V d\nlm_head.weight V d\ntransformer.norm_f.weight d\n"
       "transformer.blocks.{l}.norm_attn_norm.norm_1.weight d\n"
       "transformer.blocks.{l}.norm_attn_norm.norm_2.weight d\n"
       "transformer.blocks.{l}.norm_attn_norm.attn.Wqkv.weight 24 d\n"
       "transformer.blocks.{l}.ffn.router.layer.weight E d\n"
       "transformer.blocks.{l}.ffn.experts.mlp.w1 EM d\n"
       "transformer.blocks.{l}.ffn.experts.mlp.v1 EM d\n"
       "transformer.blocks.{l}.ffn.experts.mlp.w2 EM d\n"},
  };
}

}  // namespace

std::vector<Architecture> with_experts() {
  std::vector<Architecture> out = separate_experts();
  for (auto& each : stacked_experts()) out.push_back(std::move(each));
  return out;
}

}  // namespace wmk::test
