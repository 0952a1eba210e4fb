// From a checkpoint to its anatomy: refuse what is quantised, choose a family, read the norm
// weights.
#include "checkpoint/layout/anatomy.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/family_choice.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/layout/quantised.h"

namespace wmk::checkpoint {

namespace {

// Shapes decide; a config.json that disagrees is noted.
void note_disagreements(const Checkpoint& checkpoint, const Config& config, Anatomy& anatomy) {
  const auto compare = [&](std::string_view what, std::optional<uint64_t> configured,
                           uint64_t actual) {
    if (!configured || *configured == actual) return;
    anatomy.notes.push_back(
        cat("config.json says ", what, " ", *configured, ", the tensors have ", actual));
  };
  compare("width", config.hidden_size, anatomy.width);
  compare("layers", config.layers, anatomy.layer_count());
  compare("vocabulary", config.vocabulary, anatomy.vocabulary);
  compare("experts", config.experts, anatomy.expert_count());
  if (!config.quantization.empty() && checkpoint.quantisation().empty()) {
    anatomy.notes.push_back(cat("config.json says that the weights are quantised by '",
                                escaped(config.quantization), "', but they are not"));
  }
}

std::vector<std::optional<Role>> roles_of(const NameTable& names, const NamingFamily& family) {
  const std::vector<const Rule*> rules = names.rules_of(family);
  std::vector<std::optional<Role>> out;
  out.reserve(names.entries.size());
  for (const IndexedName& entry : names.entries) {
    out.push_back(role_of(entry, rules[entry.pattern]));
  }
  return out;
}

std::vector<const NamingFamily*> families_to_try(const NamingFamily* rules) {
  if (rules != nullptr) return {rules};
  std::vector<const NamingFamily*> out;
  for (const NamingFamily& family : families()) out.push_back(&family);
  return out;
}

}  // namespace

Result<Anatomy> make_anatomy(const Checkpoint& checkpoint, const Config& config,
                             const NamingFamily* rules) {
  const std::vector<const NamingFamily*> tried = families_to_try(rules);
  if (auto status = refuse_quantised(checkpoint, config, tried); !status) {
    return std::move(status).error();
  }
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  const NameTable names = NameTable::make(tensors);
  auto choice = choose_family(tensors, names, config.model_type, tried);
  if (!choice) return std::move(choice).error();
  auto norm_weights = read_norm_weights(checkpoint, choice->layout);
  if (!norm_weights) return std::move(norm_weights).error();

  Anatomy out;
  out.family = choice->family->name();
  out.width = choice->layout.width;
  out.token_embedding = choice->layout.token_embedding;
  out.vocabulary = tensors[out.token_embedding].shape[0];
  out.gated = choice->layout.gated();
  out.groups = std::move(choice->layout.groups);
  out.norm_weights = *std::move(norm_weights);
  out.roles = roles_of(names, *choice->family);
  out.notes = std::move(choice->notes);
  note_disagreements(checkpoint, config, out);
  return out;
}

std::string UnitGroup::label() const {
  std::string out = cat("layer ", layer);
  if (!part.empty()) out += cat(" ", part);
  if (shared) out += " shared";
  if (expert) out += cat(" expert ", *expert);
  return out;
}

uint64_t Anatomy::unit_count() const {
  uint64_t count = 0;
  for (const UnitGroup& group : groups) count += group.units;
  return count;
}

uint64_t Anatomy::weight_count() const {
  uint64_t vectors = 0;
  for (const UnitGroup& group : groups) vectors += group.units * (group.gate ? 3 : 2);
  return vectors * width;
}

uint64_t Anatomy::layer_count() const {
  uint64_t count = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    count += i == 0 || groups[i].layer != groups[i - 1].layer;
  }
  return count;
}

uint64_t Anatomy::expert_count() const {
  std::unordered_map<uint64_t, uint64_t> by_layer;
  uint64_t most = 0;
  for (const UnitGroup& group : groups) {
    if (group.expert) most = std::max(most, ++by_layer[group.layer]);
  }
  return most;
}

std::vector<size_t> unrecognised(const Anatomy& anatomy) {
  std::vector<size_t> out;
  for (size_t i = 0; i < anatomy.roles.size(); ++i) {
    if (!anatomy.roles[i]) out.push_back(i);
  }
  return out;
}

}  // namespace wmk::checkpoint
