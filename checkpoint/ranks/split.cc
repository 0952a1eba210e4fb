#include "checkpoint/ranks/split.h"

namespace wmk::checkpoint {
namespace {

struct SplitRule {
  std::string_view module;  // the last segments of a name before ".weight" or ".bias"
  Split weight, bias;
};

constexpr SplitRule kSplitRules[] = {
    // Megatron Core.
    {"embedding.word_embeddings", Split::outputs, Split::unknown},
    {"embedding.position_embeddings", Split::same, Split::unknown},
    {"output_layer", Split::outputs, Split::outputs},
    {"linear_qkv", Split::outputs, Split::outputs},
    {"linear_proj", Split::inputs, Split::same},
    {"linear_fc1", Split::gate_up, Split::gate_up},
    {"linear_fc2", Split::inputs, Split::same},
    {"linear_q_proj", Split::outputs, Split::outputs},
    {"linear_q_down_proj", Split::same, Split::same},
    {"linear_q_up_proj", Split::outputs, Split::outputs},
    {"linear_kv_down_proj", Split::same, Split::same},
    {"linear_kv_up_proj", Split::outputs, Split::outputs},
    {"mlp.router", Split::same, Split::same},
    {"shared_experts.gate_weight", Split::same, Split::same},
    // vLLM.
    {"embed_tokens", Split::outputs, Split::unknown},
    {"lm_head", Split::outputs, Split::outputs},
    {"qkv_proj", Split::query_key_value, Split::query_key_value},
    {"o_proj", Split::inputs, Split::same},
    {"gate_up_proj", Split::gate_up, Split::gate_up},
    {"down_proj", Split::inputs, Split::same},
    {"q_a_proj", Split::same, Split::same},
    {"fused_qkv_a_proj", Split::same, Split::same},
    {"kv_a_proj_with_mqa", Split::same, Split::same},
    {"q_b_proj", Split::outputs, Split::outputs},
    {"kv_b_proj", Split::outputs, Split::outputs},
    {"mlp.gate", Split::same, Split::same},
    {"block_sparse_moe.gate", Split::same, Split::same},
};

// Whether `name` is `module` or ends with "." and `module`.
bool is_module(std::string_view name, std::string_view module) {
  if (!name.ends_with(module)) return false;
  return name.size() == module.size() || name[name.size() - module.size() - 1] == '.';
}

}  // namespace

Split split_of(std::string_view name, size_t dimensions) {
  constexpr std::string_view kWeight = ".weight", kBias = ".bias";
  const bool is_weight = name.ends_with(kWeight), is_bias = name.ends_with(kBias);
  if (is_weight || is_bias) {
    const std::string_view stem =
        name.substr(0, name.size() - (is_weight ? kWeight : kBias).size());
    for (const SplitRule& rule : kSplitRules) {
      if (is_module(stem, rule.module)) return is_weight ? rule.weight : rule.bias;
    }
  }
  return dimensions < 2 ? Split::same : Split::unknown;
}

}  // namespace wmk::checkpoint
