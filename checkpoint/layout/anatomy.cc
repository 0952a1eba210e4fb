// From a checkpoint to its declared anatomy: name its tensors, choose a family.
#include "checkpoint/layout/anatomy.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/family_anatomy.h"

namespace wmk::checkpoint {

Result<Anatomy> make_anatomy(const Checkpoint& checkpoint, const Config& config,
                             const NamingFamily* rules) {
  const std::vector<const NamingFamily*> tried = families_to_try(rules);
  auto named = name_tensors(checkpoint, config, tried);
  if (!named) return std::move(named).error();
  auto choice = choose_family(checkpoint.tensors(), named->names, named->type, tried);
  if (!choice && !named->unread.modules.empty()) return named->unread.modules[0].second;
  if (!choice) return std::move(choice).error();
  return anatomy_of(checkpoint, config, *named, *std::move(choice));
}

std::string UnitGroup::label() const {
  std::string out = cat("layer ", layer);
  if (!part.empty()) out += cat(" ", part);
  if (shared) out += " shared";
  if (expert) out += cat(" expert ", *expert);
  return out;
}

uint64_t HeadLayer::weights(uint64_t width) const {
  return (heads * width + kv_heads * (latent ? latent->size : width)) * value_size;
}

uint64_t Heads::count() const {
  uint64_t count = 0;
  for (const HeadLayer& layer : layers) count += layer.heads;
  return count;
}

uint64_t Heads::vectors() const {
  uint64_t vectors = 0;
  for (const HeadLayer& layer : layers) vectors += layer.vectors();
  return vectors;
}

uint64_t Heads::weight_count(uint64_t width) const {
  uint64_t weights = 0;
  for (const HeadLayer& layer : layers) weights += layer.weights(width);
  return weights;
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
