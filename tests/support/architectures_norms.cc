// Architectures without norm weights that fold into the FFN, or with several stacks of layers or
// branches of a layer; the other ones are in architectures.cc.
#include "tests/support/architectures.h"

namespace wmk::test {

namespace {

// Three matrices of `units` units below `prefix`.
std::string gated(const std::string& prefix, const std::string& units) {
  return prefix + ".gate_proj.weight " + units + " d\n" + prefix + ".up_proj.weight " + units +
         " d\n" + prefix + ".down_proj.weight d " + units + "\n";
}

// Two matrices with biases, stored [out, in].
std::string ungated(const std::string& up, const std::string& down) {
  return up + ".weight I d\n" + up + ".bias I\n" + down + ".weight d I\n" + down + ".bias d\n";
}

std::string norm(const std::string& name) { return name + ".weight d\n" + name + ".bias d\n"; }

const std::string kTokens = "model.embed_tokens.weight V d\nlm_head.weight V d\n";

std::vector<Architecture> behind_the_blocks() {
  const std::string bert = "bert.encoder.layer.{l}.";
  return {
      {"bart", false,
       "model.decoder.embed_tokens.weight V d\n" +
           ungated("model.decoder.layers.{l}.fc1", "model.decoder.layers.{l}.fc2") +
           norm("model.decoder.layers.{l}.final_layer_norm") +
           ungated("model.encoder.layers.{l}.fc1", "model.encoder.layers.{l}.fc2") +
           norm("model.encoder.layers.{l}.final_layer_norm")},
      {"bert", false,
       "bert.embeddings.word_embeddings.weight V d\n" +
           ungated(bert + "intermediate.dense", bert + "output.dense") +
           norm(bert + "attention.output.LayerNorm") + norm(bert + "output.LayerNorm")},
      {"megatron-bert", false,
       "bert.embeddings.word_embeddings.weight V d\n" +
           ungated(bert + "intermediate.dense", bert + "output.dense") +
           norm(bert + "attention.ln") + norm(bert + "ln")},
      {"minimax", false,
       kTokens + "model.layers.{l}.self_attn.output_gate.weight d d\n" +
           "model.layers.{l}.post_attention_layernorm.weight d\n"
           "model.layers.{l}.block_sparse_moe.gate.weight E d\n"
           "model.layers.{l}.block_sparse_moe.experts.{e}.w1.weight M d\n"
           "model.layers.{l}.block_sparse_moe.experts.{e}.w2.weight d M\n"
           "model.layers.{l}.block_sparse_moe.experts.{e}.w3.weight M d\n"},
      {"openai-gpt", false,
       "transformer.tokens_embed.weight V d\ntransformer.positions_embed.weight 32 d\n" +
           norm("transformer.h.{l}.ln_1") + norm("transformer.h.{l}.ln_2") +
           "transformer.h.{l}.mlp.c_fc.weight d I\ntransformer.h.{l}.mlp.c_proj.weight I d\n"},
      {"prophetnet", false,
       "prophetnet.word_embeddings.weight V d\n" +
           ungated("prophetnet.decoder.layers.{l}.feed_forward.intermediate",
                   "prophetnet.decoder.layers.{l}.feed_forward.output") +
           norm("prophetnet.decoder.layers.{l}.feed_forward_layer_norm")},
      {"xlm", false,
       "transformer.embeddings.weight V d\ntransformer.attentions.{l}.q_lin.weight d d\n" +
           ungated("transformer.ffns.{l}.lin1", "transformer.ffns.{l}.lin2") +
           norm("transformer.layer_norm1.{l}") + norm("transformer.layer_norm2.{l}")},
      {"xlnet", false,
       "transformer.word_embedding.weight V d\ntransformer.layer.{l}.rel_attn.q d 2 8\n" +
           ungated("transformer.layer.{l}.ff.layer_1", "transformer.layer.{l}.ff.layer_2") +
           norm("transformer.layer.{l}.ff.layer_norm")},
  };
}

std::vector<Architecture> without_norm_weights() {
  return {
      {"nanochat", false,
       kTokens + "model.layers.{l}.self_attn.o_proj.weight d d\n" +
           "model.layers.{l}.mlp.fc1.weight I d\nmodel.layers.{l}.mlp.fc2.weight d I\n"},
      {"qwen4_exp_text", false,
       kTokens + "model.layers.{l}.mlp.gate.weight E d\n" +
           "model.layers.{l}.mlp_hyper_connection.hc_norm.weight 64\n" +
           gated("model.layers.{l}.mlp.experts.{e}", "M") +
           gated("model.layers.{l}.mlp.shared_expert", "S")},
  };
}

std::vector<Architecture> of_several_parts() {
  const std::string t5 = "block.{l}.layer.";
  const std::string sandwich =
      ".pre_feedforward_layernorm.weight d\nmodel.decoder.layers.{l}.post_feedforward_layernorm."
      "weight d\n";
  return {
      {"blt", false,
       "model.local_encoder.embed_tokens.weight V d\n" +
           gated("model.local_encoder.layers.{l}.mlp", "I") +
           "model.local_encoder.layers.{l}.post_attention_layernorm.weight d\n" +
           gated("model.local_decoder.layers.{l}.mlp", "I") +
           "model.local_decoder.layers.{l}.post_attention_layernorm.weight d\n"
           "model.global_transformer.layers.{l}.mlp.up_proj.weight 20 32\n"},
      {"diffusion_gemma_text", false,
       "model.embed_tokens.weight V d\n" + gated("model.layers.{l}.mlp", "I") +
           "model.layers.{l}.pre_feedforward_layernorm.weight d\n"
           "model.layers.{l}.pre_feedforward_layernorm_2.weight d\n"
           "model.layers.{l}.post_feedforward_layernorm.weight d\n"
           "model.layers.{l}.post_feedforward_layernorm_1.weight d\n"
           "model.layers.{l}.post_feedforward_layernorm_2.weight d\n"
           "model.layers.{l}.experts.gate_up_proj E 2M d\n"
           "model.layers.{l}.experts.down_proj E d M\n"
           "model.layers.{l}.router.proj.weight E d\n"},
      {"hrm_text", false,
       kTokens + "model.H_module.layers.{l}.mlp.gate_up_proj.weight 2I d\n" +
           "model.H_module.layers.{l}.mlp.down_proj.weight d I\n"
           "model.L_module.layers.{l}.mlp.gate_up_proj.weight 2I d\n"
           "model.L_module.layers.{l}.mlp.down_proj.weight d I\n"},
      {"longcat_flash", false,
       kTokens + gated("model.layers.{l}.mlps.0", "I") + gated("model.layers.{l}.mlps.1", "I") +
           gated("model.layers.{l}.mlp.experts.{e}", "M") +
           // An identity: no down matrix.
           "model.layers.{l}.mlp.experts.3.gate_proj.weight M d\n"
           "model.layers.{l}.mlp.experts.3.up_proj.weight M d\n"
           "model.layers.{l}.mlp.router.classifier.weight 4 d\n"
           "model.layers.{l}.post_attention_layernorm.0.weight d\n"
           "model.layers.{l}.post_attention_layernorm.1.weight d\n"},
      {"olmo_hybrid", false,
       kTokens + gated("model.layers.{l}.mlp", "I") +
           "model.layers.{l}.feedforward_layer_norm.weight d\n"
           "model.layers.{r}.post_feedforward_layernorm.weight d\n"},
      {"t5gemma2", true,
       "model.encoder.embed_tokens.weight V d\n" + gated("model.encoder.layers.{l}.mlp", "I") +
           "model.encoder.layers.{l}.pre_feedforward_layernorm.weight d\n"
           "model.encoder.layers.{l}.post_feedforward_layernorm.weight d\n" +
           gated("model.decoder.layers.{l}.mlp", "I") + "model.decoder.layers.{l}" + sandwich},
      {"udop", false,
       "shared.weight V d\ndecoder." + t5 + "2.DenseReluDense.wi.weight I d\ndecoder." + t5 +
           "2.DenseReluDense.wo.weight d I\ndecoder." + t5 + "0.layer_norm.weight d\ndecoder." +
           t5 + "1.layer_norm.weight d\ndecoder." + t5 + "2.layer_norm.weight d\nencoder." + t5 +
           "1.DenseReluDense.wi.weight I d\nencoder." + t5 +
           "1.DenseReluDense.wo.weight d I\nencoder." + t5 + "0.layer_norm.weight d\nencoder." +
           t5 + "1.layer_norm.weight d\n"},
  };
}

}  // namespace

std::vector<Architecture> with_other_norms() {
  std::vector<Architecture> out = behind_the_blocks();
  for (auto* part : {without_norm_weights, of_several_parts}) {
    for (auto& each : part()) out.push_back(std::move(each));
  }
  return out;
}

}  // namespace wmk::test
