// permute: reorders the neurons of each layer or expert, and the experts of each layer. The output
// of the model does not change, so this attack costs nothing.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/names.h"
#include "lab/model/units.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

using checkpoint::Role;
using checkpoint::Tensor;

Status permute_neurons(Model& model, const UnitGroup& group, uint64_t seed) {
  const uint64_t width = model.anatomy().width;
  const auto order = Random(seed, "permute/" + group.label()).permutation(group.units);
  for (const View& view : input_views(group)) {
    auto bias = bias_of(model, view);
    if (!bias) return std::move(bias).error();
    plan_reorder(model, view, width, order);
    if (*bias) plan_reorder(model, **bias, 1, order);
  }
  plan_reorder(model, group.down, width, order);
  return {};
}

// The routed experts of one layer and the tensors that hold them.
struct ExpertLayer {
  uint64_t layer = 0;
  std::vector<const UnitGroup*> experts;
  std::set<size_t> by_rows;  // routers and stacked tensors, whose first dimension is the expert
  std::vector<std::string> prefixes;  // "model.layers.3.mlp.experts.", if experts have own tensors
};

bool is_of_layer(const Tensor& tensor, uint64_t layer) {
  const auto parts = split_at_number(tensor.name, 0);
  return parts && parts->number == layer;
}

bool is_router_correction(const Tensor& tensor, uint64_t experts) {
  return tensor.elements() == experts &&
         (tensor.name.ends_with("e_score_correction_bias") || tensor.name.ends_with("expert_bias"));
}

// The router, its bias, and the correction that balances the experts.
Status find_routers(const Model& model, ExpertLayer& found) {
  const auto& tensors = model.checkpoint().tensors();
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!is_of_layer(tensors[i], found.layer)) continue;
    if (is_router_correction(tensors[i], found.experts.size())) found.by_rows.insert(i);
    if (model.anatomy().roles[i] != Role::router) continue;
    // The gate of a shared expert has one row and is not permuted.
    if (tensors[i].shape.empty() || tensors[i].shape[0] != found.experts.size()) continue;
    const std::string stem = cat(without_weight(tensors[i].name), ".");
    for (size_t j = 0; j < tensors.size(); ++j) {
      if (j == i || tensors[j].name.starts_with(stem)) found.by_rows.insert(j);
    }
  }
  if (!found.by_rows.empty()) return {};
  return Error(ErrorCode::unsupported, cat("layer ", found.layer, ": router not recognised"));
}

// Experts in one tensor are stacked; otherwise the name of a tensor has the number of its expert.
void find_weights(const Model& model, ExpertLayer& found) {
  std::map<size_t, std::set<const UnitGroup*>> users;
  for (const UnitGroup* expert : found.experts) {
    for (const View& view : {expert->gate.value_or(expert->up), expert->up, expert->down}) {
      users[view.tensor].insert(expert);
    }
  }
  std::set<std::string> prefixes;
  for (const auto& [tensor, experts] : users) {
    const auto parts = split_at_number(model.checkpoint().tensors()[tensor].name, 1);
    if (experts.size() > 1) found.by_rows.insert(tensor);
    if (experts.size() == 1 && parts) prefixes.emplace(parts->before);
  }
  found.prefixes.assign(prefixes.begin(), prefixes.end());
}

Status move_experts(Model& model, const ExpertLayer& found, const std::vector<uint64_t>& order) {
  for (const size_t tensor : found.by_rows) {
    const Tensor& stored = model.checkpoint().tensors()[tensor];
    if (stored.elements() % order.size() != 0) {
      return Error(ErrorCode::unsupported,
                   cat("tensor '", escaped(stored.name),
                       "': its rows cannot be divided by the number of experts"));
    }
    const uint64_t block = stored.elements() / order.size();
    plan_reorder(model, View{tensor, 0, block, 1}, block, order);
  }
  std::vector<uint64_t> place(order.size());
  for (uint64_t to = 0; to < order.size(); ++to) place[order[to]] = to;
  for (PlannedTensor& tensor : model.plan().tensors) {
    const auto parts = split_at_number(tensor.name, 1);
    if (!parts || parts->number >= place.size()) continue;
    const auto& prefixes = found.prefixes;
    if (std::find(prefixes.begin(), prefixes.end(), parts->before) == prefixes.end()) continue;
    tensor.name = with_number(*parts, place[parts->number]);
  }
  return {};
}

// Some routers first choose a group of adjacent experts; permuting them would change the function.
Result<bool> has_expert_groups(const Model& model) {
  auto config = model.companion("config.json");
  if (!config) return std::move(config).error();
  if (*config) {
    for (const char* key : {"n_group", "num_expert_group", "num_groups"}) {
      const JsonTree* groups = (*config)->find(key);
      if (groups && groups->unsigned_integer().value_or(1) > 1) return true;
    }
  }
  const auto& tensors = model.checkpoint().tensors();
  return std::any_of(tensors.begin(), tensors.end(),
                     [](const Tensor& t) { return t.name.find("router_scale") != t.name.npos; });
}

Status permute_experts(Model& model, uint64_t seed) {
  std::map<uint64_t, ExpertLayer> layers;
  for (const UnitGroup& group : model.anatomy().groups) {
    if (group.expert) layers[group.layer].experts.push_back(&group);
  }
  if (layers.empty()) return {};
  auto grouped = has_expert_groups(model);
  if (!grouped) return std::move(grouped).error();
  if (*grouped) {
    model.note("experts were not permuted: the router chooses among groups of adjacent experts");
    return {};
  }
  for (auto& [layer, found] : layers) {
    found.layer = layer;
    if (found.experts.size() < 2) continue;
    if (auto status = find_routers(model, found); !status) return status;
    find_weights(model, found);
    const auto order =
        Random(seed, cat("permute/experts/", layer)).permutation(found.experts.size());
    if (auto status = move_experts(model, found, order); !status) return status;
  }
  return {};
}

}  // namespace

Status permute(Model& model, const Arguments& arguments) {
  const std::string& what = arguments.text("what");
  if (what != "experts") {
    if (auto status = check_plain_units(model, "permute"); !status) return status;
    for (const UnitGroup& group : model.anatomy().groups) {
      if (auto status = permute_neurons(model, group, arguments.seed()); !status) return status;
    }
  }
  if (what == "neurons") return {};
  return permute_experts(model, arguments.seed());
}

}  // namespace wmk::lab
