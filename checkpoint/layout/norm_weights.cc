#include "checkpoint/layout/norm_weights.h"

#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

using NormsByLayer = std::unordered_map<uint64_t, NormSource>;

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
    const auto [at, is_new] = out.emplace(entry.numbers[0], NormSource{i, rule->one_plus});
    if (!is_new) {
      return malformed(cat("tensors '", escaped(tensors[at->second.tensor].name), "' and '",
                           escaped(tensors[i].name), "' both are ", to_string(role), " of layer ",
                           entry.numbers[0]));
    }
  }
  return out;
}

// Groups are ordered by layer, so a norm is new when the layer is.
Status assign_role(const NormsByLayer& by_layer, Role role, Layout& layout) {
  std::optional<uint64_t> layer;
  for (UnitGroup& group : layout.groups) {
    if (layer != group.layer) {
      const auto at = by_layer.find(group.layer);
      if (at == by_layer.end())
        return malformed(cat("layer ", group.layer, ": no ", to_string(role)));
      layout.norms.push_back(at->second);
      layer = group.layer;
    }
    (role == Role::ffn_norm ? group.in_norm : group.out_norm) = layout.norms.size() - 1;
  }
  return {};
}

}  // namespace

Status assign_norms(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, const NamingFamily& family,
                    Layout& layout) {
  for (Role role : {Role::ffn_norm, Role::ffn_post_norm}) {
    if (!family.has(role)) continue;
    auto by_layer = norms_of_role(tensors, names, rules, role, layout.width);
    if (!by_layer) return std::move(by_layer).error();
    if (auto status = assign_role(*by_layer, role, layout); !status) return status;
  }
  return {};
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
