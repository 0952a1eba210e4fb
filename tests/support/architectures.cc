#include "tests/support/architectures.h"

#include <stdexcept>

namespace wmk::test {

namespace {

const std::string kTokens = "model.embed_tokens.weight V d\nlm_head.weight V d\n";
const std::string kTied = "model.embed_tokens.weight V d\n";
const std::string kAttention =
    "model.layers.{l}.self_attn.q_proj.weight d d\n"
    "model.layers.{l}.self_attn.k_proj.weight 4 d\n"
    "model.layers.{l}.self_attn.v_proj.weight 4 d\n"
    "model.layers.{l}.self_attn.o_proj.weight d d\n";
const std::string kHeadNorms =
    "model.layers.{l}.self_attn.q_norm.weight 4\n"
    "model.layers.{l}.self_attn.k_norm.weight 4\n";
const std::string kNorms =
    "model.layers.{l}.input_layernorm.weight d\n"
    "model.layers.{l}.post_attention_layernorm.weight d\n"
    "model.norm.weight d\n";
const std::string kSandwich = kNorms +
                              "model.layers.{l}.pre_feedforward_layernorm.weight d\n"
                              "model.layers.{l}.post_feedforward_layernorm.weight d\n";

// The three matrices of `units` neurons with this prefix.
std::string gated(const std::string& prefix, const std::string& units) {
  return prefix + ".gate_proj.weight " + units + " d\n" + prefix + ".up_proj.weight " + units +
         " d\n" + prefix + ".down_proj.weight d " + units + "\n";
}

// Two matrices with biases, stored [out, in].
std::string ungated(const std::string& up, const std::string& down) {
  return up + ".weight I d\n" + up + ".bias I\n" + down + ".weight d I\n" + down + ".bias d\n";
}

std::string norm_with_bias(const std::string& name) {
  return name + ".weight d\n" + name + ".bias d\n";
}

std::vector<Architecture> dense_as_llama() {
  const std::string mlp = gated("model.layers.{l}.mlp", "I");
  const std::string llama = kTokens + kAttention + kNorms + mlp;
  const std::string fused =
      "model.layers.{l}.mlp.gate_up_proj.weight 2I d\nmodel.layers.{l}.mlp.down_proj.weight d I\n";
  const std::string qkv_bias =
      "model.layers.{l}.self_attn.q_proj.bias d\nmodel.layers.{l}.self_attn.k_proj.bias 4\n"
      "model.layers.{l}.self_attn.v_proj.bias 4\n";
  return {
      {"llama", false, llama},
      {"qwen2", false, llama + qkv_bias},
      {"qwen3", false, llama + kHeadNorms},
      {"gemma", true, kTied + kAttention + kNorms + mlp},
      {"gemma2", true, kTied + kAttention + kSandwich + mlp},
      {"gemma3_text", true, kTied + kAttention + kHeadNorms + kSandwich + mlp},
      {"gemma3n_text", false,
       kTied + kAttention + kHeadNorms + kSandwich + mlp +
           "model.embed_tokens_per_layer.weight V 8\n"
           "model.layers.{l}.laurel.linear_left.weight 4 d\n"},
      {"vaultgemma", true,
       kTied + kAttention + "model.layers.{l}.input_layernorm.weight d\nmodel.norm.weight d\n" +
           "model.layers.{l}.pre_feedforward_layernorm.weight d\n" + mlp},
      {"olmo", false, kTokens + kAttention + mlp},
      {"olmo2", false,
       kTokens + kAttention + kHeadNorms + mlp + "model.norm.weight d\n" +
           "model.layers.{l}.post_attention_layernorm.weight d\n"
           "model.layers.{l}.post_feedforward_layernorm.weight d\n"},
      {"cohere", false,
       kTied + kAttention + "model.layers.{l}.input_layernorm.weight d\nmodel.norm.weight d\n" +
           mlp},
      {"phi3", false,
       kTokens + kNorms + fused +
           "model.layers.{l}.self_attn.qkv_proj.weight 24 d\n"
           "model.layers.{l}.self_attn.o_proj.weight d d\n"},
      {"glm4", false,
       kTokens + kAttention + kNorms + fused +
           "model.layers.{l}.post_self_attn_layernorm.weight d\n"
           "model.layers.{l}.post_mlp_layernorm.weight d\n"},
  };
}

std::vector<Architecture> dense_by_other_names() {
  return {
      {"chatglm", false,
       "transformer.embedding.word_embeddings.weight V d\n"
       "transformer.output_layer.weight V d\n"
       "transformer.encoder.final_layernorm.weight d\n"
       "transformer.encoder.layers.{l}.input_layernorm.weight d\n"
       "transformer.encoder.layers.{l}.post_attention_layernorm.weight d\n"
       "transformer.encoder.layers.{l}.self_attention.query_key_value.weight 24 d\n"
       "transformer.encoder.layers.{l}.mlp.dense_h_to_4h.weight 2I d\n"
       "transformer.encoder.layers.{l}.mlp.dense_4h_to_h.weight d I\n"},
      {"recurrent_gemma", true,
       kTied + "model.final_norm.weight d\n" +
           "model.layers.{l}.temporal_pre_norm.weight d\n"
           "model.layers.{l}.channel_pre_norm.weight d\n"
           "model.layers.{f}.temporal_block.linear_x.weight d d\n"
           "model.layers.{r}.temporal_block.q_proj.weight d d\n" +
           gated("model.layers.{l}.mlp_block", "I")},
      {"internlm2", false,
       "model.tok_embeddings.weight V d\noutput.weight V d\nmodel.norm.weight d\n"
       "model.layers.{l}.attention.wqkv.weight 24 d\nmodel.layers.{l}.attention.wo.weight d d\n"
       "model.layers.{l}.attention_norm.weight d\nmodel.layers.{l}.ffn_norm.weight d\n"
       "model.layers.{l}.feed_forward.w1.weight I d\n"
       "model.layers.{l}.feed_forward.w2.weight d I\n"
       "model.layers.{l}.feed_forward.w3.weight I d\n"},
      {"llama_pth", false,
       "tok_embeddings.weight V d\noutput.weight V d\nnorm.weight d\nrope.freqs 4\n"
       "layers.{l}.attention.wq.weight d d\nlayers.{l}.attention.wk.weight 4 d\n"
       "layers.{l}.attention_norm.weight d\nlayers.{l}.ffn_norm.weight d\n"
       "layers.{l}.feed_forward.w1.weight I d\nlayers.{l}.feed_forward.w2.weight d I\n"
       "layers.{l}.feed_forward.w3.weight I d\n"},
      {"lfm2", false,
       kTied + "model.embedding_norm.weight d\nmodel.layers.{l}.operator_norm.weight d\n"
               "model.layers.{l}.ffn_norm.weight d\nmodel.layers.{l}.conv.in_proj.weight 48 d\n"
               "model.layers.{l}.feed_forward.w1.weight I d\n"
               "model.layers.{l}.feed_forward.w2.weight d I\n"
               "model.layers.{l}.feed_forward.w3.weight I d\n"},
      {"qwen", false,
       "transformer.wte.weight V d\nlm_head.weight V d\ntransformer.ln_f.weight d\n"
       "transformer.h.{l}.ln_1.weight d\ntransformer.h.{l}.ln_2.weight d\n"
       "transformer.h.{l}.attn.c_attn.weight 48 d\ntransformer.h.{l}.attn.c_attn.bias 48\n"
       "transformer.h.{l}.mlp.w1.weight I d\ntransformer.h.{l}.mlp.w2.weight I d\n"
       "transformer.h.{l}.mlp.c_proj.weight d I\n"},
      {"exaone", false,
       "transformer.wte.weight V d\nlm_head.weight V d\ntransformer.ln_f.weight d\n"
       "transformer.h.{l}.ln_1.weight d\ntransformer.h.{l}.ln_2.weight d\n"
       "transformer.h.{l}.attn.attention.q_proj.weight d d\n"
       "transformer.h.{l}.mlp.c_fc_0.weight I d\ntransformer.h.{l}.mlp.c_fc_1.weight I d\n"
       "transformer.h.{l}.mlp.c_proj.weight d I\n"},
  };
}

std::vector<Architecture> without_gate() {
  const std::string two =
      "model.layers.{l}.mlp.up_proj.weight I d\n"
      "model.layers.{l}.mlp.down_proj.weight d I\n";
  const std::string old = "transformer.wte.weight V d\ntransformer.wpe.weight 32 d\n" +
                          norm_with_bias("transformer.ln_f") +
                          norm_with_bias("transformer.h.{l}.ln_1") +
                          norm_with_bias("transformer.h.{l}.ln_2");
  return {
      {"arcee", false, kTokens + kAttention + kNorms + two},
      {"nemotron", true,
       kTokens + kAttention + kNorms + two + "model.layers.{l}.input_layernorm.bias d\n"},
      {"apertus", false,
       kTokens + kAttention + kHeadNorms + two + "model.norm.weight d\n" +
           "model.layers.{l}.attention_layernorm.weight d\n"
           "model.layers.{l}.feedforward_layernorm.weight d\n"},
      {"starcoder2", false,
       kTied + kAttention + kNorms +
           ungated("model.layers.{l}.mlp.c_fc", "model.layers.{l}.mlp.c_proj")},
      {"phi", false,
       kTokens + "lm_head.bias V\n" + norm_with_bias("model.final_layernorm") +
           norm_with_bias("model.layers.{l}.input_layernorm") +
           "model.layers.{l}.self_attn.q_proj.weight d d\n"
           "model.layers.{l}.self_attn.dense.weight d d\n" +
           ungated("model.layers.{l}.mlp.fc1", "model.layers.{l}.mlp.fc2")},
      {"gpt2", false,
       old + "transformer.h.{l}.attn.c_attn.weight d 48\ntransformer.h.{l}.attn.bias 1 1 8 8\n" +
           "transformer.h.{l}.mlp.c_fc.weight d I\ntransformer.h.{l}.mlp.c_fc.bias I\n" +
           "transformer.h.{l}.mlp.c_proj.weight I d\ntransformer.h.{l}.mlp.c_proj.bias d\n"},
      {"gpt_bigcode", false,
       old + "transformer.h.{l}.attn.c_attn.weight 24 d\n" +
           ungated("transformer.h.{l}.mlp.c_fc", "transformer.h.{l}.mlp.c_proj")},
      {"gpt_neo", false,
       old + "transformer.h.{l}.attn.attention.q_proj.weight d d\n" +
           ungated("transformer.h.{l}.mlp.c_fc", "transformer.h.{l}.mlp.c_proj")},
  };
}

std::vector<Architecture> more_without_gate() {
  const std::string h_to_4h =
      ungated("transformer.h.{l}.mlp.dense_h_to_4h", "transformer.h.{l}.mlp.dense_4h_to_h");
  const std::string falcon = "transformer.word_embeddings.weight V d\n" +
                             norm_with_bias("transformer.ln_f") +
                             "transformer.h.{l}.self_attention.query_key_value.weight 24 d\n"
                             "transformer.h.{l}.self_attention.dense.weight d d\n";
  return {
      {"gptj", false,
       "transformer.wte.weight V d\n" + norm_with_bias("transformer.ln_f") +
           norm_with_bias("transformer.h.{l}.ln_1") + "transformer.h.{l}.attn.q_proj.weight d d\n" +
           ungated("transformer.h.{l}.mlp.fc_in", "transformer.h.{l}.mlp.fc_out")},
      {"gpt_neox", false,
       "gpt_neox.embed_in.weight V d\nembed_out.weight V d\n" +
           norm_with_bias("gpt_neox.final_layer_norm") +
           norm_with_bias("gpt_neox.layers.{l}.input_layernorm") +
           norm_with_bias("gpt_neox.layers.{l}.post_attention_layernorm") +
           "gpt_neox.layers.{l}.attention.query_key_value.weight 48 d\n"
           "gpt_neox.layers.{l}.attention.bias 1 1 8 8\n" +
           ungated("gpt_neox.layers.{l}.mlp.dense_h_to_4h",
                   "gpt_neox.layers.{l}.mlp.dense_4h_to_h")},
      {"persimmon", false,
       kTokens + norm_with_bias("model.final_layernorm") +
           norm_with_bias("model.layers.{l}.input_layernorm") +
           norm_with_bias("model.layers.{l}.post_attention_layernorm") +
           "model.layers.{l}.self_attn.query_key_value.weight 48 d\n" +
           ungated("model.layers.{l}.mlp.dense_h_to_4h", "model.layers.{l}.mlp.dense_4h_to_h")},
      {"opt", false,
       "model.decoder.embed_tokens.weight V d\nmodel.decoder.embed_positions.weight 34 d\n" +
           norm_with_bias("model.decoder.final_layer_norm") +
           norm_with_bias("model.decoder.layers.{l}.self_attn_layer_norm") +
           norm_with_bias("model.decoder.layers.{l}.final_layer_norm") +
           "model.decoder.layers.{l}.self_attn.q_proj.weight d d\n"
           "model.decoder.layers.{l}.self_attn.out_proj.weight d d\n" +
           ungated("model.decoder.layers.{l}.fc1", "model.decoder.layers.{l}.fc2")},
      {"bloom", false,
       falcon + norm_with_bias("transformer.word_embeddings_layernorm") +
           norm_with_bias("transformer.h.{l}.input_layernorm") +
           norm_with_bias("transformer.h.{l}.post_attention_layernorm") + h_to_4h},
      {"falcon", false, falcon + norm_with_bias("transformer.h.{l}.input_layernorm") + h_to_4h},
      {"falcon_40b", false,
       falcon + norm_with_bias("transformer.h.{l}.ln_attn") +
           norm_with_bias("transformer.h.{l}.ln_mlp") + h_to_4h},
      {"mpt", false,
       "transformer.wte.weight V d\ntransformer.norm_f.weight d\n"
       "transformer.blocks.{l}.norm_1.weight d\ntransformer.blocks.{l}.norm_2.weight d\n"
       "transformer.blocks.{l}.attn.Wqkv.weight 48 d\n"
       "transformer.blocks.{l}.ffn.up_proj.weight I d\n"
       "transformer.blocks.{l}.ffn.down_proj.weight d I\n"},
  };
}

}  // namespace

// architectures_moe.cc, architectures_more.cc, architectures_norms.cc, architectures_gguf.cc
std::vector<Architecture> with_experts();
std::vector<Architecture> with_other_names();
std::vector<Architecture> with_other_norms();
std::vector<Architecture> in_gguf();

const std::vector<Architecture>& all_architectures() {
  static const std::vector<Architecture> all = [] {
    std::vector<Architecture> out;
    for (auto* part : {dense_as_llama, dense_by_other_names, without_gate, more_without_gate,
                       with_experts, with_other_names, with_other_norms, in_gguf}) {
      for (auto& each : part()) out.push_back(std::move(each));
    }
    return out;
  }();
  return all;
}

const Architecture& architecture_named(std::string_view model_type) {
  for (const Architecture& each : all_architectures()) {
    if (each.model_type == model_type) return each;
  }
  throw std::invalid_argument("no tiny architecture '" + std::string(model_type) + "'");
}

}  // namespace wmk::test
