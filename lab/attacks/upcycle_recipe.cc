#include <algorithm>

#include "base/text.h"
#include "lab/attacks/upcycle.h"
#include "lab/random.h"

namespace wmk::lab {

UpcycleRecipe UpcycleRecipe::make(const Arguments& arguments) {
  UpcycleRecipe recipe;
  recipe.style = arguments.text("style");
  recipe.experts = arguments.whole("experts");
  recipe.experts_per_token = std::min<uint64_t>(arguments.whole("top"), recipe.experts);
  recipe.reinit = arguments.number("reinit");
  recipe.reinit_by_matrix = arguments.text("reinit-draw") == "matrices";
  recipe.drift = arguments.number("drift");
  recipe.seed = arguments.seed();
  return recipe;
}

uint64_t UpcycleRecipe::expert_units(uint64_t units) const {
  // A quarter of the dense size, as in the fine-grained models of the Qwen family.
  return style == "fine-grained" ? std::max<uint64_t>(1, units / 4) : units;
}

std::vector<std::vector<uint64_t>> draw_experts(const UpcycleRecipe& recipe, uint64_t units,
                                                uint64_t layer) {
  Random random(recipe.seed, cat("upcycle/", layer, "/experts"));
  std::vector<std::vector<uint64_t>> experts;
  if (recipe.style != "fine-grained") {
    while (experts.size() < recipe.experts) experts.push_back(random.permutation(units));
    return experts;
  }
  // The dense network is repeated until it fills all experts, shuffled as a whole and cut into
  // experts; the remainder is dropped.
  const uint64_t width = recipe.expert_units(units);
  const uint64_t copies = (recipe.experts * width + units - 1) / units;
  const std::vector<uint64_t> pool = random.permutation(copies * units);
  for (uint64_t expert = 0; expert < recipe.experts; ++expert) {
    std::vector<uint64_t>& neurons = experts.emplace_back();
    for (uint64_t i = 0; i < width; ++i) neurons.push_back(pool[expert * width + i] % units);
  }
  return experts;
}

ExpertNames expert_names(const UpcycleRecipe& recipe, std::string_view stem,
                         std::optional<uint64_t> expert) {
  if (recipe.style == "mixtral") {
    const std::string place = cat(stem, "block_sparse_moe.experts.", expert.value_or(0), ".");
    return {place + "w1.weight", place + "w3.weight", place + "w2.weight"};
  }
  const std::string place =
      expert ? cat(stem, "mlp.experts.", *expert, ".") : cat(stem, "mlp.shared_expert.");
  return {place + "gate_proj.weight", place + "up_proj.weight", place + "down_proj.weight"};
}

std::string router_name(const UpcycleRecipe& recipe, std::string_view stem) {
  return cat(stem, recipe.style == "mixtral" ? "block_sparse_moe.gate.weight" : "mlp.gate.weight");
}

void rewrite_config(const UpcycleRecipe& recipe, uint64_t dense_units, JsonTree& config) {
  const bool is_mixtral = recipe.style == "mixtral";
  JsonTree architectures = JsonTree::array();
  architectures.append(JsonTree::string(is_mixtral ? "MixtralForCausalLM" : "Qwen2MoeForCausalLM"));
  config.set("model_type", JsonTree::string(is_mixtral ? "mixtral" : "qwen2_moe"));
  config.set("architectures", std::move(architectures));
  config.set(is_mixtral ? "num_local_experts" : "num_experts", JsonTree::number(recipe.experts));
  config.set("num_experts_per_tok", JsonTree::number(recipe.experts_per_token));
  if (is_mixtral) return;
  config.set("moe_intermediate_size", JsonTree::number(recipe.expert_units(dense_units)));
  config.set("shared_expert_intermediate_size", JsonTree::number(dense_units));
  config.set("decoder_sparse_step", JsonTree::number(1));
  config.set("norm_topk_prob", JsonTree::boolean(false));
}

}  // namespace wmk::lab
