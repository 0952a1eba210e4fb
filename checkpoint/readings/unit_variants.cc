#include "checkpoint/readings/unit_variants.h"

#include <utility>

namespace wmk::checkpoint {

Anatomy with_gate_and_up_exchanged(Anatomy anatomy) {
  for (UnitGroup& group : anatomy.groups) {
    if (group.gate) std::swap(*group.gate, group.up);
  }
  for (auto& role : anatomy.roles) {
    if (role == Role::ffn_gate) {
      role = Role::ffn_up;
    } else if (role == Role::ffn_up) {
      role = Role::ffn_gate;
    }
  }
  return anatomy;
}

std::optional<Anatomy> with_layers_below(Anatomy anatomy, uint64_t count) {
  const size_t before = anatomy.groups.size();
  std::erase_if(anatomy.groups, [&](const UnitGroup& group) { return group.layer >= count; });
  if (anatomy.groups.empty() || anatomy.groups.size() == before) return std::nullopt;
  return anatomy;
}

}  // namespace wmk::checkpoint
