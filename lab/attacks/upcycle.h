// The parts of `upcycle` that depend on the recipe.
//
// Lifetime: plain values. Thread-safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/attack.h"
#include "lab/model/model.h"

namespace wmk::lab {

struct UpcycleRecipe {
  std::string style;  // mixtral, qwen2_moe, fine-grained
  uint64_t experts = 8;
  uint64_t experts_per_token = 2;
  double reinit = 0;              // share of an expert's neurons that is re-initialised
  bool reinit_by_matrix = false;  // gate, up and down each draw their own neurons
  double drift = 0;
  uint64_t seed = 1;

  static UpcycleRecipe make(const Arguments& arguments);

  bool has_shared_expert() const { return style != "mixtral"; }
  // Neurons of one expert made from a dense network of `units`.
  uint64_t expert_units(uint64_t units) const;
};

// For each expert, the dense neurons that its neurons are copied from.
std::vector<std::vector<uint64_t>> draw_experts(const UpcycleRecipe& recipe, uint64_t units,
                                                uint64_t layer);

// The names of the tensors of one expert (nullopt: the shared one). `stem` is "model.layers.3.".
struct ExpertNames {
  std::string gate, up, down;
};
ExpertNames expert_names(const UpcycleRecipe& recipe, std::string_view stem,
                         std::optional<uint64_t> expert);
std::string router_name(const UpcycleRecipe& recipe, std::string_view stem);

// Edits config.json for the upcycled model.
void rewrite_config(const UpcycleRecipe& recipe, uint64_t dense_units, JsonTree& config);

}  // namespace wmk::lab
