// upcycle: a dense model becomes a mixture of experts, as in published recipes: each expert gets
// the dense neurons in its own order, some of them are re-initialised, training changes all of
// them, and the router is new.
#include "lab/attacks/upcycle.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/attacks/upcycle_matrix.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

PlannedTensor noise_tensor(std::string name, std::vector<uint64_t> shape, const PlannedTensor& like,
                           uint64_t seed) {
  constexpr double kRouterSd = 0.02;  // the usual initialisation of routers
  PlannedTensor tensor{std::move(name), like.dtype, std::move(shape), like.file, {}, {}, {}};
  tensor.source = [count = tensor.elements(), seed,
                   purpose = "upcycle/" + tensor.name]() -> Result<Values> {
    Values values(count);
    Random random(seed, purpose);
    add_noise(values, kRouterSd, random);
    return values;
  };
  return tensor;
}

// The dense matrices of one layer in their present plan.
struct DenseLayer {
  std::string stem;  // "model.layers.3."
  uint64_t layer = 0;
  uint64_t units = 0;
  PlannedTensor gate, up, down;
};

Result<DenseLayer> dense_layer(Model& model, const UnitGroup& group) {
  const auto refuse = [&](std::string_view why) {
    return Error(ErrorCode::unsupported, cat(group.label(), ": 'upcycle' ", why));
  };
  if (group.expert || group.shared) return refuse("needs a dense model");
  if (!group.gate) return refuse("needs a gated feed-forward network");
  DenseLayer layer;
  layer.layer = group.layer;
  layer.units = group.units;
  layer.gate = model.plan().at_origin(group.gate->tensor);
  layer.up = model.plan().at_origin(group.up.tensor);
  layer.down = model.plan().at_origin(group.down.tensor);
  constexpr std::string_view kGate = "mlp.gate_proj.weight";
  if (!layer.gate.name.ends_with(kGate) || !is_whole_matrix(model, group.up, group.units)) {
    return refuse("supports only the tensor names of Llama (mlp.gate_proj)");
  }
  for (const View& view : {*group.gate, group.up, group.down}) {
    auto bias = bias_of(model, view);
    if (!bias) return std::move(bias).error();
    if (*bias) return refuse("does not support biases of the feed-forward network");
  }
  layer.stem = layer.gate.name.substr(0, layer.gate.name.size() - kGate.size());
  return layer;
}

void add_expert(const Model& model, const UpcycleRecipe& recipe, const DenseLayer& layer,
                std::optional<uint64_t> expert, const std::vector<uint64_t>& neurons,
                std::vector<PlannedTensor>& out) {
  const ExpertNames names = expert_names(recipe, layer.stem, expert);
  const auto renewed_count =
      static_cast<uint64_t>(recipe.reinit * static_cast<double>(neurons.size()));
  const auto add = [&](const PlannedTensor& dense, NeuronAxis axis, const std::string& name) {
    const std::string draw =
        recipe.reinit_by_matrix ? name : cat(layer.layer, "/", expert.value_or(0));
    Random random(recipe.seed, "upcycle/renewed/" + draw);
    out.push_back(planned({model.plan().base,
                           dense,
                           axis,
                           neurons,
                           random.choose(neurons.size(), renewed_count),
                           recipe.drift,
                           recipe.seed,
                           {}},
                          name));
  };
  add(layer.gate, NeuronAxis::rows, names.gate);
  add(layer.up, NeuronAxis::rows, names.up);
  add(layer.down, NeuronAxis::columns, names.down);
}

// All tensors that replace one dense network.
std::vector<PlannedTensor> upcycled_layer(const Model& model, const UpcycleRecipe& recipe,
                                          const DenseLayer& layer) {
  std::vector<PlannedTensor> out;
  const uint64_t width = model.anatomy().width;
  out.push_back(noise_tensor(router_name(recipe, layer.stem), {recipe.experts, width}, layer.gate,
                             recipe.seed));
  const auto experts = draw_experts(recipe, layer.units, layer.layer);
  for (uint64_t expert = 0; expert < experts.size(); ++expert) {
    add_expert(model, recipe, layer, expert, experts[expert], out);
  }
  if (!recipe.has_shared_expert()) return out;
  add_expert(model, recipe, layer, std::nullopt, {}, out);
  out.push_back(noise_tensor(layer.stem + "mlp.shared_expert_gate.weight", {1, width}, layer.gate,
                             recipe.seed));
  return out;
}

}  // namespace

Status upcycle(Model& model, const Arguments& arguments) {
  const UpcycleRecipe recipe = UpcycleRecipe::make(arguments);
  std::map<std::string, DenseLayer> layers;  // by the name of the gate matrix
  std::vector<std::string> replaced;
  uint64_t units = 0;
  for (const UnitGroup& group : model.anatomy().groups) {
    auto layer = dense_layer(model, group);
    if (!layer) return std::move(layer).error();
    replaced.push_back(layer->up.name);
    replaced.push_back(layer->down.name);
    units = layer->units;
    layers.emplace(layer->gate.name, std::move(*layer));
  }
  std::vector<PlannedTensor> tensors;
  for (PlannedTensor& tensor : model.plan().tensors) {
    if (std::find(replaced.begin(), replaced.end(), tensor.name) != replaced.end()) continue;
    if (const auto found = layers.find(tensor.name); found != layers.end()) {
      for (PlannedTensor& made : upcycled_layer(model, recipe, found->second)) {
        tensors.push_back(std::move(made));
      }
    } else {
      tensors.push_back(std::move(tensor));
    }
  }
  model.plan().tensors = std::move(tensors);
  return model.edit_config([&](JsonTree& config) { rewrite_config(recipe, units, config); });
}

}  // namespace wmk::lab
