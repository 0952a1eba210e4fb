// Architectures with a norm before the FFN and names of their own; the others are in
// architectures.cc.
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

const std::string kTokens = "model.embed_tokens.weight V d\nlm_head.weight V d\n";
const std::string kFfnNorm = "model.layers.{l}.post_attention_layernorm.weight d\n";

std::string gated(const std::string& prefix, const std::string& units) {
  return prefix + ".gate_proj.weight " + units + " d\n" + prefix + ".up_proj.weight " + units +
         " d\n" + prefix + ".down_proj.weight d " + units + "\n";
}

std::string w123(const std::string& prefix, const std::string& units) {
  return prefix + ".w1.weight " + units + " d\n" + prefix + ".w2.weight d " + units + "\n" +
         prefix + ".w3.weight " + units + " d\n";
}

std::string ungated(const std::string& up, const std::string& down) {
  return up + ".weight I d\n" + down + ".weight d I\n";
}

std::vector<Architecture> more_experts() {
  const std::string shared = gated("model.layers.{l}.mlp.shared_experts", "S");
  const std::string merged =
      "model.layers.{l}.mlp.experts.gate_up_proj E 2M d\n"
      "model.layers.{l}.mlp.experts.down_proj E d M\n";
  return {
      {"aria_text", false,
       kTokens + kFfnNorm + shared +
           "model.layers.{l}.mlp.experts.fc1.weight E d 2M\n"
           "model.layers.{l}.mlp.experts.fc2.weight E M d\n"},
      {"deepseek_v4", false,
       kTokens + "model.layers.{l}.ffn_norm.weight d\nmodel.layers.{l}.hc_ffn_fn 24 64\n" +
           w123("model.layers.{l}.ffn.experts.{e}", "M") +
           w123("model.layers.{l}.ffn.shared_experts", "S")},
      {"inkling2_text", false,
       "model.llm.embed.weight V d\nmodel.llm.unembed.weight V d\n"
       "model.llm.layers.{l}.mlp_norm.weight d\n"
       "model.llm.layers.{l}.mlp.experts.w13_weight E 2M d\n"
       "model.llm.layers.{l}.mlp.experts.w2_weight E d M\n"},
      {"inkling_text", false,
       kTokens + kFfnNorm + merged + "model.layers.{l}.mlp.shared_experts.gate_proj 1 S d\n" +
           "model.layers.{l}.mlp.shared_experts.up_proj 1 S d\n"
           "model.layers.{l}.mlp.shared_experts.down_proj 1 d S\n"
           "model.layers.{l}.mlp_sconv.conv1d.weight d 1 4\n"},
      {"kimi_k25", false,
       kTokens + gated("language_model.model.blocks.{f}.mlp", "I") +
           gated("language_model.model.blocks.{r}.mlp.experts.{e}", "M") +
           "language_model.model.blocks.{l}.post_attention_layernorm.weight d\n"},
      {"lara_mini", false,
       kTokens + kFfnNorm + merged + gated("model.layers.{l}.mlp.shared_expert", "S") +
           "model.layers.{l}.linear_attn.out_norm.weight 4\n"},
      {"minimax_m3_vl_text", true,
       kTokens + kFfnNorm + merged + "model.layers.{l}.mlp.gate.weight E d\n" +
           "model.layers.{l}.mlp.shared_experts.gate_up_proj.weight 2S d\n"
           "model.layers.{l}.mlp.shared_experts.down_proj.weight d S\n"},
      {"nemotron_h", false,
       "backbone.embeddings.weight V d\nbackbone.layers.{l}.norm.weight d\n"
       "backbone.layers.{f}.mixer.up_proj.weight I d\n"
       "backbone.layers.{f}.mixer.down_proj.weight d I\n"
       "backbone.layers.{r}.mixer.shared_experts.up_proj.weight S d\n"
       "backbone.layers.{r}.mixer.shared_experts.down_proj.weight d S\n"
       // Latent: narrower than the residual stream.
       "backbone.layers.{r}.mixer.experts.{e}.up_proj.weight M 8\n"
       "backbone.layers.{r}.mixer.experts.{e}.down_proj.weight 8 M\n"},
      {"step3p7", true,
       kTokens + kFfnNorm + gated("model.layers.{f}.mlp", "I") +
           "model.layers.{r}.moe.gate_proj.weight E M d\n"
           "model.layers.{r}.moe.up_proj.weight E M d\n"
           "model.layers.{r}.moe.down_proj.weight E d M\n" +
           gated("model.layers.{r}.share_expert", "S")},
  };
}

std::vector<Architecture> more_gated() {
  const std::string ends = "embedding.word_embeddings.weight V d\noutput_layer.weight V d\n";
  const std::string down = "decoder.layers.{l}.mlp.linear_fc2.weight d I\n";
  return {
      {"megatron", false,
       ends + down +
           "decoder.layers.{l}.mlp.linear_fc1.weight 2I d\n"
           "decoder.layers.{l}.mlp.linear_fc1.layer_norm_weight d\n"
           "decoder.final_layernorm.weight d\n"},
      {"megatron_ungated", false,
       ends + down +
           "decoder.layers.{l}.mlp.linear_fc1.weight I d\n"
           "decoder.layers.{l}.pre_mlp_layernorm.weight d\n"},
      {"cpmant", false,
       "cpmant.input_embedding.weight V d\n"
       "cpmant.encoder.layers.{l}.ffn.layernorm_before_ffn.weight d\n"
       "cpmant.encoder.layers.{l}.ffn.ffn.w_in.w_0.weight I d\n"
       "cpmant.encoder.layers.{l}.ffn.ffn.w_in.w_1.weight I d\n"
       "cpmant.encoder.layers.{l}.ffn.ffn.w_out.weight d I\n"},
      {"modernbert-decoder", false,
       "model.embeddings.tok_embeddings.weight V d\nmodel.layers.{l}.mlp_norm.weight d\n"
       "model.layers.{l}.mlp.Wi.weight 2I d\nmodel.layers.{l}.mlp.Wo.weight d I\n"},
      {"molmo2", false,
       "model.transformer.wte.embedding V d\nmodel.transformer.blocks.{l}.ff_norm.weight d\n"
       "model.transformer.blocks.{l}.mlp.ff_proj.weight 2I d\n"
       "model.transformer.blocks.{l}.mlp.ff_out.weight d I\n"},
      {"moshi", false,
       kTokens + kFfnNorm +
           "model.layers.{l}.mlp.fc1.weight 2I d\nmodel.layers.{l}.mlp.fc2.weight d I\n"
           "model.layers.{l}.self_attn.q_proj.linear.weight d d\n"},
      {"pix2struct_text_model", false,
       "decoder.embed_tokens.weight V d\ndecoder.layer.{l}.mlp.layer_norm.weight d\n"
       "decoder.layer.{l}.mlp.DenseReluDense.wi_0.weight I d\n"
       "decoder.layer.{l}.mlp.DenseReluDense.wi_1.weight I d\n"
       "decoder.layer.{l}.mlp.DenseReluDense.wo.weight d I\n"},
      {"qianfan_ocr", false,
       "language_model.model.embed_tokens.weight V d\n"
       "language_model.model.encoder.layers.{l}.post_attention_layernorm.weight d\n" +
           gated("language_model.model.encoder.layers.{l}.mlp", "I")},
      {"xlstm", false,
       "backbone.embeddings.weight V d\nbackbone.blocks.{l}.norm_ffn.weight d\n"
       "backbone.blocks.{l}.ffn.proj_up.weight I d\n"
       "backbone.blocks.{l}.ffn.proj_up_gate.weight I d\n"
       "backbone.blocks.{l}.ffn.proj_down.weight d I\n"},
      {"zamba2", false,
       "model.embed_tokens.weight V d\nmodel.layers.{r}.mamba_decoder.input_layernorm.weight d\n"
       "model.layers.{f}.shared_transformer.pre_ff_layernorm.weight d\n"
       "model.layers.{f}.shared_transformer.feed_forward.gate_up_proj.weight 2I d\n"
       "model.layers.{f}.shared_transformer.feed_forward.down_proj.weight d I\n"},
  };
}

std::vector<Architecture> more_ungated() {
  return {
      {"ctrl", false,
       "transformer.w.weight V d\ntransformer.h.{l}.layernorm2.weight d\n" +
           ungated("transformer.h.{l}.ffn.0", "transformer.h.{l}.ffn.2")},
      {"reformer", false,
       "reformer.embeddings.word_embeddings.weight V d\n"
       "reformer.encoder.layers.{l}.feed_forward.layer_norm.weight d\n" +
           ungated("reformer.encoder.layers.{l}.feed_forward.dense.dense",
                   "reformer.encoder.layers.{l}.feed_forward.output.dense")},
      {"rwkv", false,
       "rwkv.embeddings.weight V d\nhead.weight V d\nrwkv.blocks.{l}.ln2.weight d\n"
       "rwkv.blocks.{l}.feed_forward.receptance.weight d d\n" +
           ungated("rwkv.blocks.{l}.feed_forward.key", "rwkv.blocks.{l}.feed_forward.value")},
  };
}

}  // namespace

std::vector<Architecture> with_other_names() {
  std::vector<Architecture> out = more_experts();
  for (auto* part : {more_gated, more_ungated}) {
    for (auto& each : part()) out.push_back(std::move(each));
  }
  return out;
}

}  // namespace wmk::test
