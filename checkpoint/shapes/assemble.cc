#include "checkpoint/shapes/assemble.h"

#include <algorithm>
#include <map>

#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

namespace {

size_t position_of(const FfnMember& member, const std::vector<size_t>& rank) {
  size_t out = rank[member.slots[0].tensor];
  for (const Slot& slot : member.slots) out = std::min(out, rank[slot.tensor]);
  return out;
}

// Layers of members without numbers: members between which no vector lies are of one layer, if
// some members have vectors between them.
std::vector<uint64_t> layers_by_order(const std::vector<FfnMember>& members,
                                      const std::vector<size_t>& rank,
                                      const std::vector<size_t>& vectors) {
  std::vector<std::pair<size_t, size_t>> positions;  // vectors before it, member
  for (size_t i = 0; i < members.size(); ++i) {
    const size_t at = position_of(members[i], rank);
    positions.emplace_back(
        std::lower_bound(vectors.begin(), vectors.end(), at) - vectors.begin(), i);
  }
  std::vector<size_t> distinct;
  for (const auto& [before, i] : positions) distinct.push_back(before);
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<uint64_t> out(members.size());
  for (const auto& [before, i] : positions) {
    const auto at = std::lower_bound(distinct.begin(), distinct.end(), before);
    out[i] = distinct.size() > 1 ? static_cast<uint64_t>(at - distinct.begin()) : i;
  }
  return out;
}

UnitGroup group_of(const ArrangedFfn& ffn, uint64_t slice) {
  UnitGroup out;
  out.units = ffn.up.units;
  if (ffn.gate) out.gate = ffn.gate->view(slice);
  out.up = ffn.up.view(slice);
  out.down = ffn.down.view(slice);
  return out;
}

// Numbers the groups of a layer as experts where there are several.
void number_experts(std::vector<UnitGroup>& groups) {
  std::map<uint64_t, uint64_t> counts, next;
  for (const UnitGroup& group : groups) ++counts[group.layer];
  for (UnitGroup& group : groups) {
    if (counts[group.layer] > 1) group.expert = next[group.layer]++;
  }
}

}  // namespace

std::vector<UnitGroup> assemble_groups(const std::vector<ArrangedSet>& sets,
                                       const std::vector<size_t>& rank,
                                       const std::vector<VectorSlot>& vectors,
                                       std::vector<LayerPlace>& places) {
  std::vector<size_t> vector_places;
  for (const VectorSlot& vector : vectors) {
    if (vector.slices == 1) vector_places.push_back(rank[vector.tensor]);
  }
  std::sort(vector_places.begin(), vector_places.end());
  std::vector<UnitGroup> out;
  std::map<uint64_t, LayerPlace> layers;
  for (const auto& [set, arrangement] : sets) {
    const std::vector<uint64_t> ordered = layers_by_order(set->members, rank, vector_places);
    for (size_t i = 0; i < set->members.size(); ++i) {
      const FfnMember& member = set->members[i];
      const ArrangedFfn ffn = arrange(member, set->form, arrangement);
      const bool is_stack = set->members.size() == 1 && ffn.up.slices > 1;
      for (uint64_t slice = 0; slice < ffn.up.slices && out.size() < kGroupsMax; ++slice) {
        out.push_back(group_of(ffn, slice));
        out.back().layer = is_stack ? slice : member.layer.value_or(ordered[i]);
        LayerPlace place{out.back().layer, position_of(member, rank), member.layer.has_value(),
                         {}, ffn.up};
        if (is_stack) place.slice = slice;
        layers.emplace(place.layer, place);
      }
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const UnitGroup& a, const UnitGroup& b) {
    return a.layer < b.layer;
  });
  number_experts(out);
  for (const auto& [layer, place] : layers) places.push_back(place);
  return out;
}

Anatomy assemble(const Checkpoint& checkpoint, AnatomyParts parts) {
  Anatomy out;
  out.family = "shapes";
  out.width = parts.width;
  out.token_embedding = parts.embedding;
  out.vocabulary = checkpoint.tensors()[parts.embedding].shape[0];
  out.groups = std::move(parts.groups);
  out.gated = out.groups[0].gate.has_value();
  out.roles.resize(checkpoint.tensors().size());
  out.roles[out.token_embedding] = Role::token_embedding;
  std::map<VectorPlace, std::optional<size_t>> read;
  for (UnitGroup& group : out.groups) {
    if (group.gate) out.roles[group.gate->tensor] = Role::ffn_gate;
    out.roles[group.up.tensor] =
        group.gate && group.gate->tensor == group.up.tensor ? Role::ffn_gate_up : Role::ffn_up;
    out.roles[group.down.tensor] = Role::ffn_down;
    if (parts.norm == nullptr) continue;
    const auto at = parts.norm->by_layer.find(group.layer);
    if (at == parts.norm->by_layer.end()) continue;
    const auto [known, is_new] = read.try_emplace(at->second);
    if (is_new) {
      std::vector<float> values = read_vector(checkpoint, at->second, parts.width);
      if (!values.empty()) {
        known->second = out.norm_weights.size();
        out.norm_weights.push_back(std::move(values));
        out.norm_sources.push_back({at->second.tensor, false, at->second.row * parts.width});
      }
    }
    group.in_norm = known->second;
    out.roles[at->second.tensor] = Role::ffn_norm;
  }
  return out;
}

}  // namespace wmk::checkpoint
