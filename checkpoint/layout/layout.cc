#include "checkpoint/layout/layout.h"

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "checkpoint/layout/norm_weights.h"
#include "checkpoint/layout/unit_groups.h"

namespace wmk::checkpoint {

namespace {

Status check_gates(const NamingFamily& family, const std::vector<UnitGroup>& groups) {
  if (!family.has(Role::ffn_gate) && !family.has(Role::ffn_gate_up)) return {};
  for (const UnitGroup& group : groups) {
    if (!group.gate) return malformed(cat(group.label(), ": no ffn_gate"));
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
  if (!is_weight_type(found->dtype)) {
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

Result<Layout> lay_out(const std::vector<Tensor>& tensors, const NameTable& names,
                       const NamingFamily& family) {
  Layout layout;
  const std::vector<const Rule*> rules = names.rules_of(family);
  if (auto status = find_embedding(tensors, names, rules, layout); !status) {
    return std::move(status).error();
  }
  auto groups = build_groups(tensors, names, rules, layout.width);
  if (!groups) return std::move(groups).error();
  layout.groups = *std::move(groups);
  if (auto status = check_gates(family, layout.groups); !status) return std::move(status).error();
  if (auto status = assign_norms(tensors, names, rules, family, layout); !status) {
    return std::move(status).error();
  }
  return layout;
}

}  // namespace wmk::checkpoint
