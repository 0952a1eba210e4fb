#include "checkpoint/layout/norm_weights.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
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
using NormPlace = std::pair<uint64_t, std::string_view>;  // layer, part
struct NormsByPlace {
  std::map<NormPlace, FoundNorm> found;
  std::map<NormPlace, std::string> faults;  // only with LayerFaults::skipped
};

Status check_norm(const Tensor& tensor, const Rule& rule, uint64_t width) {
  const Role role = rule.role;
  if (!has_float_value(tensor.dtype)) {
    return Error(ErrorCode::unsupported,
                 cat("tensor '", escaped(tensor.name), "': ", to_string(role), " of type ",
                     to_string(tensor.dtype), " is not read"));
  }
  const auto& shape = tensor.shape;
  const bool is_match = rule.all_layers ? shape.size() == 2 && shape[0] > 0 && shape[1] == width
                                        : shape == std::vector<uint64_t>{width};
  if (is_match) return {};
  return malformed(cat("tensor '", escaped(tensor.name), "': shape ", shape_text(shape),
                       " does not match ", to_string(role), ", which is [",
                       rule.all_layers ? "layers, " : "", width, "]"));
}

// Layers whose norm the tensor holds: the first one, and how many follow each other.
std::pair<uint64_t, uint64_t> layers_of(const Tensor& tensor, const IndexedName& entry,
                                        const Rule& rule) {
  if (rule.all_layers) return {0, tensor.shape.size() == 2 ? tensor.shape[0] : 1};
  return {rule.by_order ? rule.place : entry.numbers[0], 1};
}

Result<NormsByPlace> norms_of_role(const NamedTensors& named, Role role, uint64_t width,
                                   LayerFaults faults) {
  const auto& [tensors, names, rules] = named;
  NormsByPlace out;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    const Rule* rule = rules[entry.pattern];
    if (role_of(entry, rule) != role) continue;
    const auto [first, count] = layers_of(tensors[i], entry, *rule);
    if (count > kGroupsMax) return malformed(cat("more than ", kGroupsMax, " layers"));
    for (uint64_t row = 0; row < count; ++row) {
      const NormPlace place(first + row, rule->part);
      Status status = check_norm(tensors[i], *rule, width);
      const auto [at, is_new] =
          out.found.emplace(place, FoundNorm{{i, rule->one_plus, row}, rule->unless_post});
      if (status && !is_new) {
        status = malformed(cat("tensors '", escaped(tensors[at->second.source.tensor].name),
                               "' and '", escaped(tensors[i].name), "' both are ", to_string(role),
                               " of layer ", place.first));
      }
      if (status) continue;
      if (faults == LayerFaults::refused) return std::move(status).error();
      out.faults.emplace(place, status.error().message());
    }
  }
  return out;
}

std::optional<std::string> fault_of(const NormsByPlace& norms, Role role,
                                    const NamingFamily& family, const UnitGroup& group) {
  const NormPlace place(group.layer, group.part);
  if (const auto fault = norms.faults.find(place); fault != norms.faults.end()) {
    return fault->second;
  }
  if (norms.found.contains(place) || !family.needs(role, group.part)) return std::nullopt;
  return cat("layer ", group.layer, group.part.empty() ? "" : " ", group.part, ": no ",
             to_string(role));
}

// Groups are ordered by layer and part, so a norm is new when one of these is.
Status assign_role(const NormsByPlace& norms, Role role, const NamingFamily& family,
                   LayerFaults faults, Layout& layout) {
  if (faults == LayerFaults::skipped) {
    skip_groups([&](const UnitGroup& group) { return fault_of(norms, role, family, group); },
                layout.groups, layout.skipped);
  }
  const UnitGroup* before = nullptr;
  for (UnitGroup& group : layout.groups) {
    std::optional<size_t>& place = role == Role::ffn_norm ? group.in_norm : group.out_norm;
    if (before != nullptr && before->layer == group.layer && before->part == group.part) {
      place = role == Role::ffn_norm ? before->in_norm : before->out_norm;
      continue;
    }
    before = &group;
    if (const auto fault = fault_of(norms, role, family, group)) return malformed(*fault);
    const auto at = norms.found.find({group.layer, group.part});
    if (at != norms.found.end()) {
      place = layout.norms.size();
      layout.norms.push_back(at->second.source);
    }
  }
  return {};
}

}  // namespace

Status assign_norms(const NamedTensors& named, const NamingFamily& family, LayerFaults faults,
                    Layout& layout) {
  auto before = norms_of_role(named, Role::ffn_norm, layout.width, faults);
  if (!before) return std::move(before).error();
  auto after = norms_of_role(named, Role::ffn_post_norm, layout.width, faults);
  if (!after) return std::move(after).error();
  std::erase_if(before->found, [&](const auto& each) {
    return each.second.unless_post && after->found.contains(each.first);
  });
  auto status = assign_role(*before, Role::ffn_norm, family, faults, layout);
  return status ? assign_role(*after, Role::ffn_post_norm, family, faults, layout)
                : std::move(status);
}

Result<std::vector<float>> read_norm_weight(const Checkpoint& checkpoint, const NormSource& source,
                                            uint64_t width) {
  const Tensor& tensor = checkpoint.tensors()[source.tensor];
  Bytes stored(width * bits(tensor.dtype) / 8);
  if (auto status = checkpoint.read(tensor, source.row * stored.size(), stored); !status) {
    return std::move(status).error();
  }
  std::vector<float> values(width);
  widen(tensor.dtype, stored, values);
  if (source.one_plus) {
    for (float& value : values) value += 1.0f;
  }
  return values;
}

Result<std::vector<std::vector<float>>> read_norm_weights(const Checkpoint& checkpoint,
                                                          Layout& layout) {
  std::vector<std::vector<float>> out;
  std::vector<std::string> faults(layout.norms.size());
  for (const NormSource& source : layout.norms) {
    auto values = read_norm_weight(checkpoint, source, layout.width);
    if (!values) return std::move(values).error();
    const auto finite = [](float value) { return std::isfinite(value); };
    const auto bad = std::find_if_not(values->begin(), values->end(), finite);
    if (bad != values->end()) {
      faults[out.size()] = cat("tensor '", escaped(checkpoint.tensors()[source.tensor].name),
                               "': norm weight ", bad - values->begin(), " is not finite");
    }
    out.push_back(*std::move(values));
  }
  const auto fault = [&](const UnitGroup& group) -> std::optional<std::string> {
    for (const auto& norm : {group.in_norm, group.out_norm}) {
      if (norm && !faults[*norm].empty()) return faults[*norm];
    }
    return std::nullopt;
  };
  const size_t before = layout.skipped.size();
  skip_groups(fault, layout.groups, layout.skipped);
  if (layout.skipped.size() == before) return out;
  if (!check_skipped(layout.groups, layout.skipped))
    return malformed(layout.skipped[before].reason);
  return out;
}

bool subtract_means(const std::vector<Tensor>& tensors, const Anatomy& anatomy) {
  constexpr std::string_view kWeight = ".weight";
  std::set<std::string_view> names;
  for (const Tensor& tensor : tensors) names.insert(tensor.name);
  const auto has_bias = [&](const UnitGroup& group) {
    if (!group.in_norm) return false;
    std::string name = tensors[anatomy.norm_sources[*group.in_norm].tensor].name;
    if (!name.ends_with(kWeight)) return false;
    name.replace(name.size() - kWeight.size(), kWeight.size(), ".bias");
    return names.contains(name);
  };
  return !anatomy.groups.empty() &&
         std::all_of(anatomy.groups.begin(), anatomy.groups.end(), has_bias);
}

}  // namespace wmk::checkpoint
