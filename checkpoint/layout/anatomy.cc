// From a checkpoint to its anatomy: hide what is quantised or stored twice, choose a family, read
// the norm weights.
#include "checkpoint/layout/anatomy.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/duplicates.h"
#include "checkpoint/layout/family_choice.h"
#include "checkpoint/layout/model_type.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/layout/quantised.h"
#include "checkpoint/layout/skipped.h"

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
  const Tensor& up = checkpoint.tensors()[anatomy.groups[0].up.tensor];
  if (up.dtype == DType::f64) {
    anatomy.notes.push_back("the FFN weights are F64; they are read rounded to F32");
  }
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
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  NameTable names = NameTable::make(tensors);
  const UnreadQuantised unread = hide_quantised(checkpoint, config, tried, names);
  auto duplicates = hide_duplicates(checkpoint, names);
  if (!duplicates) return std::move(duplicates).error();
  std::vector<std::string> notes = config.notes;
  const std::string type = type_of(config, tried, notes);
  auto choice = choose_family(tensors, names, type, tried);
  if (!choice && !unread.modules.empty()) return unread.modules[0].second;
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
  out.norm_sources = std::move(choice->layout.norms);
  out.roles = roles_of(names, *choice->family);
  out.skipped = std::move(choice->layout.skipped);
  out.notes = std::move(notes);
  for (auto* more : {&choice->notes, &duplicates->notes}) {
    out.notes.insert(out.notes.end(), more->begin(), more->end());
  }
  out.notes.insert(out.notes.end(), unread.notes.begin(), unread.notes.end());
  skip_unread(unread, *choice->family, out);
  skip_unexplained(names, *choice->family, out);
  if (auto status = check_skipped(out.groups, out.skipped); !status) {
    return unread.modules.empty() ? std::move(status).error() : unread.modules[0].second;
  }
  skip_differing(tensors, *duplicates, *choice->family, out);
  out.duplicates = std::move(duplicates->tensors);
  note_skipped(out);
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

uint64_t Anatomy::skipped_unit_count() const {
  uint64_t count = 0;
  for (const SkippedUnits& each : skipped) count += each.units;
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
