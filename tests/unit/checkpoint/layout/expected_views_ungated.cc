#include "tests/unit/checkpoint/layout/expected_views.h"

namespace wmk::test {

std::vector<Expected> expected_without_gate() {
  const std::vector<Kind> plain = {two(kMlp + ".up_proj", kMlp + ".down_proj")};
  const std::vector<Kind> c_fc = {two(kH + "mlp.c_fc", kH + "mlp.c_proj")};
  const std::vector<Kind> h_to_4h = {two(kH + "mlp.dense_h_to_4h", kH + "mlp.dense_4h_to_h")};
  const std::string neox = "gpt_neox.layers.{l}.", block = "transformer.blocks.{l}.";
  const std::string decoder = "model.decoder.layers.{l}.";
  return {
      {"arcee", "ungated", "ungated", plain, kPost, ""},
      {"nemotron", "nemotron", "ungated", plain, "1+" + kPost, ""},
      {"apertus", "apertus", "apertus", plain, kLayer + "feedforward_layernorm.weight", ""},
      {"starcoder2",
       "starcoder2",
       "starcoder2",
       {two(kMlp + ".c_fc", kMlp + ".c_proj")},
       kPost,
       ""},
      {"phi",
       "phi",
       "phi",
       {two(kMlp + ".fc1", kMlp + ".fc2")},
       kLayer + "input_layernorm.weight",
       ""},
      {"gpt2",
       "gpt2",
       "gpt2",
       {{'d', 'l', 'I', {}, {kH + "mlp.c_fc.weight", "c i"}, {kH + "mlp.c_proj.weight", "i c"}}},
       kH + "ln_2.weight",
       ""},
      {"gpt_bigcode", "gpt_bigcode", "gpt_bigcode", c_fc, kH + "ln_2.weight", ""},
      {"gpt_neo", "gpt_neo", "gpt_neo", c_fc, kH + "ln_2.weight", ""},
      {"gptj", "gptj", "gptj", {two(kH + "mlp.fc_in", kH + "mlp.fc_out")}, kH + "ln_1.weight", ""},
      {"gpt_neox",
       "gpt_neox",
       "gpt_neox",
       {two(neox + "mlp.dense_h_to_4h", neox + "mlp.dense_4h_to_h")},
       neox + "post_attention_layernorm.weight",
       ""},
      {"persimmon",
       "persimmon",
       "persimmon",
       {two(kMlp + ".dense_h_to_4h", kMlp + ".dense_4h_to_h")},
       kPost,
       ""},
      {"opt",
       "opt",
       "opt",
       {two(decoder + "fc1", decoder + "fc2")},
       decoder + "final_layer_norm.weight",
       ""},
      {"bloom", "bloom", "bloom", h_to_4h, kH + "post_attention_layernorm.weight", ""},
      {"falcon", "falcon", "falcon", h_to_4h, kH + "input_layernorm.weight", ""},
      {"falcon_40b", "falcon_40b", "falcon_40b", h_to_4h, kH + "ln_mlp.weight", ""},
      {"mpt",
       "mpt",
       "mpt",
       {two(block + "ffn.up_proj", block + "ffn.down_proj")},
       block + "norm_2.weight",
       ""},
  };
}

}  // namespace wmk::test
