// drop-layers: removes layers and renumbers the others.
#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "lab/attack_functions.h"
#include "lab/model/names.h"
#include "lab/random.h"

namespace wmk::lab {
namespace {

// Old and new numbers of the layers that are kept.
using Kept = std::map<uint64_t, uint64_t>;

Kept choose_kept(const std::set<uint64_t>& layers, double fraction, uint64_t seed) {
  const auto dropped = static_cast<uint64_t>(fraction * static_cast<double>(layers.size()));
  const auto chosen = Random(seed, "drop-layers").choose(layers.size(), layers.size() - dropped);
  std::vector<uint64_t> numbers(layers.begin(), layers.end());
  Kept kept;
  for (const uint64_t index : chosen) kept.emplace(numbers[index], kept.size());
  return kept;
}

// The number in the name of a tensor that the naming rules know. Tensors of a vision tower stay.
std::optional<SplitName> layer_of(const Model& model, const PlannedTensor& tensor) {
  if (!tensor.origin || !model.anatomy().roles[*tensor.origin]) return std::nullopt;
  return split_at_number(tensor.name, 0);
}

void shorten_config(JsonTree& config, const std::set<uint64_t>& layers, const Kept& kept) {
  for (const char* key : {"num_hidden_layers", "n_layer", "num_layers", "n_layers"}) {
    if (config.find(key)) config.set(key, JsonTree::number(kept.size()));
  }
  // A list with one entry for each layer (kinds of attention).
  JsonTree* kinds = config.find("layer_types");
  if (kinds == nullptr || kinds->children().size() != layers.size()) return;
  JsonTree shortened = JsonTree::array();
  for (size_t i = 0; i < layers.size(); ++i) {
    if (kept.contains(i)) shortened.append(kinds->children()[i]);
  }
  config.set("layer_types", std::move(shortened));
}

}  // namespace

Status drop_layers(Model& model, const Arguments& arguments) {
  std::vector<PlannedTensor>& tensors = model.plan().tensors;
  std::set<uint64_t> layers;
  for (const PlannedTensor& tensor : tensors) {
    if (const auto parts = layer_of(model, tensor)) layers.insert(parts->number);
  }
  const Kept kept = choose_kept(layers, arguments.number("fraction"), arguments.seed());
  if (kept.empty()) {
    return Error(ErrorCode::invalid_argument, "drop-layers: no layer would be left");
  }
  std::erase_if(tensors, [&](const PlannedTensor& tensor) {
    const auto parts = layer_of(model, tensor);
    return parts && !kept.contains(parts->number);
  });
  for (PlannedTensor& tensor : tensors) {
    const auto parts = layer_of(model, tensor);
    if (parts) tensor.name = with_number(*parts, kept.at(parts->number));
  }
  return model.edit_config([&](JsonTree& config) { shorten_config(config, layers, kept); });
}

}  // namespace wmk::lab
