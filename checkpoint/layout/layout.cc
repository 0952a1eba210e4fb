#include "checkpoint/layout/layout.h"

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/layout/unit_groups.h"

namespace wmk::checkpoint {

namespace {

// A family that has gates must find one in every group.
Status check_gates(const NamingFamily& family, LayerFaults faults, Layout& layout) {
  if (!family.has(Role::ffn_gate) && !family.has(Role::ffn_gate_up)) return {};
  const auto fault = [](const UnitGroup& group) -> std::optional<std::string> {
    if (group.gate) return std::nullopt;
    return cat(group.label(), ": no ffn_gate");
  };
  if (faults == LayerFaults::skipped) {
    skip_groups(fault, layout.groups, layout.skipped);
    return {};
  }
  for (const UnitGroup& group : layout.groups) {
    if (const auto what = fault(group)) return malformed(*what);
  }
  return {};
}

Status find_embedding(const std::vector<Tensor>& tensors, const NameTable& names,
                      const std::vector<const Rule*>& rules, Layout& layout) {
  const Tensor* found = nullptr;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    if (role_of(entry, rules[entry.pattern]) != Role::token_embedding) continue;
    if (found != nullptr) {
      return malformed(cat("tensors '", escaped(found->name), "' and '", escaped(tensors[i].name),
                           "' both are token_embedding"));
    }
    found = &tensors[i];
    layout.token_embedding = i;
  }
  if (found == nullptr) return malformed("no token_embedding found");
  if (!is_weight_type(found->dtype) && found->dtype != DType::f64) {
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(found->name), "': a token_embedding ", "of type ",
                     to_string(found->dtype), " is not read"));
  }
  if (found->shape.size() != 2 || found->elements() == 0) {
    return malformed(cat("tensor '", escaped(found->name), "': shape ", shape_text(found->shape),
                         " does not match token_embedding, which is [vocabulary, width]"));
  }
  layout.width = found->shape[1];
  if (layout.width > kWidthMax) {
    return Error(ErrorCode::limit_exceeded, cat("tensor '", escaped(found->name), "': width ",
                                                layout.width, " is above ", kWidthMax));
  }
  return {};
}

}  // namespace

uint64_t Layout::skipped_units() const {
  uint64_t count = 0;
  for (const SkippedUnits& each : skipped) count += each.units;
  return count;
}

void skip_groups(const GroupFault& fault, std::vector<UnitGroup>& groups,
                 std::vector<SkippedUnits>& skipped) {
  std::vector<UnitGroup> kept;
  for (UnitGroup& group : groups) {
    if (auto reason = fault(group)) {
      skipped.push_back({group.label(), group.units, *std::move(reason)});
    } else {
      kept.push_back(std::move(group));
    }
  }
  groups = std::move(kept);
}

Status check_skipped(const std::vector<UnitGroup>& groups,
                     const std::vector<SkippedUnits>& skipped) {
  uint64_t read = 0, lost = 0;
  for (const UnitGroup& group : groups) read += group.units;
  for (const SkippedUnits& each : skipped) lost += each.units;
  if (lost < read) return {};
  return malformed(skipped.empty() ? "no FFN found" : skipped[0].reason);
}

Result<Layout> lay_out(const std::vector<Tensor>& tensors, const NameTable& names,
                       const NamingFamily& family, LayerFaults faults) {
  Layout layout;
  const std::vector<const Rule*> rules = names.rules_of(family);
  if (auto status = find_embedding(tensors, names, rules, layout); !status) {
    return std::move(status).error();
  }
  auto status = build_groups(tensors, names, rules, faults, layout);
  if (status) status = check_gates(family, faults, layout);
  if (status) status = assign_norms({tensors, names, rules}, family, faults, layout);
  if (status) status = check_skipped(layout.groups, layout.skipped);
  if (!status) return std::move(status).error();
  return layout;
}

}  // namespace wmk::checkpoint
