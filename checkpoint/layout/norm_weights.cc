#include "checkpoint/layout/norm_weights.h"

#include <cmath>
#include <map>
#include <string_view>

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

// A norm after the FFN replaces one before it, where the rule says so.
struct FoundNorm {
  NormSource source;
  bool unless_post = false;
};
using NormsByLayer = std::map<std::pair<uint64_t, std::string_view>, FoundNorm>;  // layer, part

Status check_norm(const Tensor& tensor, Role role, uint64_t width) {
  if (!has_float_value(tensor.dtype)) {
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': ", to_string(role), " of type ",
                     to_string(tensor.dtype), " is not read"));
  }
  if (tensor.shape != std::vector<uint64_t>{width}) {
    return malformed(cat("tensor '", escaped(tensor.name), "': shape ", shape_text(tensor.shape),
                         " does not match ", to_string(role), ", which is [", width, "]"));
  }
  return {};
}

Result<NormsByLayer> norms_of_role(const std::vector<Tensor>& tensors, const NameTable& names,
                                   const std::vector<const Rule*>& rules, Role role,
                                   uint64_t width) {
  NormsByLayer out;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    const Rule* rule = rules[entry.pattern];
    if (role_of(entry, rule) != role) continue;
    if (auto status = check_norm(tensors[i], role, width); !status) {
      return std::move(status).error();
    }
    const auto [at, is_new] = out.emplace(std::pair(entry.numbers[0], std::string_view(rule->part)),
                                          FoundNorm{{i, rule->one_plus}, rule->unless_post});
    if (!is_new) {
      return malformed(cat("tensors '", escaped(tensors[at->second.source.tensor].name), "' and '",
                           escaped(tensors[i].name), "' both are ", to_string(role), " of layer ",
                           entry.numbers[0]));
    }
  }
  return out;
}

// Groups are ordered by layer and part, so a norm is new when one of these is.
Status assign_role(const NormsByLayer& by_layer, Role role, const NamingFamily& family,
                   Layout& layout) {
  const UnitGroup* before = nullptr;
  for (UnitGroup& group : layout.groups) {
    std::optional<size_t>& place = role == Role::ffn_norm ? group.in_norm : group.out_norm;
    if (before != nullptr && before->layer == group.layer && before->part == group.part) {
      place = role == Role::ffn_norm ? before->in_norm : before->out_norm;
      continue;
    }
    before = &group;
    const auto at = by_layer.find({group.layer, group.part});
    if (at != by_layer.end()) {
      place = layout.norms.size();
      layout.norms.push_back(at->second.source);
    } else if (family.needs(role, group.part)) {
      return malformed(cat("layer ", group.layer, group.part.empty() ? "" : " ", group.part,
                           ": no ", to_string(role)));
    }
  }
  return {};
}

}  // namespace

Status assign_norms(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, const NamingFamily& family,
                    Layout& layout) {
  const auto found = [&](Role role) {
    return norms_of_role(tensors, names, rules, role, layout.width);
  };
  auto before = found(Role::ffn_norm);
  if (!before) return std::move(before).error();
  auto after = found(Role::ffn_post_norm);
  if (!after) return std::move(after).error();
  std::erase_if(*before, [&](const auto& each) {
    return each.second.unless_post && after->contains(each.first);
  });
  if (auto status = assign_role(*before, Role::ffn_norm, family, layout); !status) return status;
  return assign_role(*after, Role::ffn_post_norm, family, layout);
}

Result<std::vector<std::vector<float>>> read_norm_weights(const Checkpoint& checkpoint,
                                                          const Layout& layout) {
  std::vector<std::vector<float>> out;
  for (const NormSource& source : layout.norms) {
    const Tensor& tensor = checkpoint.tensors()[source.tensor];
    Bytes stored(tensor.bytes);
    if (auto status = checkpoint.read(tensor, 0, stored); !status) {
      return std::move(status).error();
    }
    std::vector<float> values(layout.width);
    widen(tensor.dtype, stored, values);
    for (size_t i = 0; i < values.size(); ++i) {
      if (source.one_plus) values[i] += 1.0f;
      if (!std::isfinite(values[i])) {
        return malformed(
            cat("tensor '", escaped(tensor.name), "': norm weight ", i, " is not finite"));
      }
    }
    out.push_back(std::move(values));
  }
  return out;
}

}  // namespace wmk::checkpoint
