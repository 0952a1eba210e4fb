#include "checkpoint/layout/norm_weights.h"

#include <cmath>
#include <unordered_map>

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"
#include "checkpoint/numbers/widen.h"

namespace wmk::checkpoint {

namespace {

struct NormsByLayer {
  std::unordered_map<uint64_t, NormSource> found;
  std::unordered_map<uint64_t, std::string> faults;  // only with LayerFaults::skipped
};

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

Result<NormsByLayer> norms_of_role(const NamedTensors& named, Role role, uint64_t width,
                                   LayerFaults faults) {
  const auto& [tensors, names, rules] = named;
  NormsByLayer out;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    const Rule* rule = rules[entry.pattern];
    if (role_of(entry, rule) != role) continue;
    const uint64_t layer = entry.numbers[0];
    Status status = check_norm(tensors[i], role, width);
    const auto [at, is_new] = out.found.emplace(layer, NormSource{i, rule->one_plus});
    if (status && !is_new) {
      status = malformed(cat("tensors '", escaped(tensors[at->second.tensor].name), "' and '",
                             escaped(tensors[i].name), "' both are ", to_string(role), " of layer ",
                             layer));
    }
    if (status) continue;
    if (faults == LayerFaults::refused) return std::move(status).error();
    out.faults.emplace(layer, status.error().message());
  }
  return out;
}

std::optional<std::string> fault_of(const NormsByLayer& norms, Role role, uint64_t layer) {
  if (const auto fault = norms.faults.find(layer); fault != norms.faults.end()) {
    return fault->second;
  }
  if (norms.found.contains(layer)) return std::nullopt;
  return cat("layer ", layer, ": no ", to_string(role));
}

// Groups are ordered by layer, so a norm is new when the layer is.
Status assign_role(const NormsByLayer& by_layer, Role role, LayerFaults faults, Layout& layout) {
  if (faults == LayerFaults::skipped) {
    skip_groups([&](const UnitGroup& group) { return fault_of(by_layer, role, group.layer); },
                layout.groups, layout.skipped);
  }
  std::optional<uint64_t> layer;
  for (UnitGroup& group : layout.groups) {
    if (layer != group.layer) {
      if (const auto fault = fault_of(by_layer, role, group.layer)) return malformed(*fault);
      layout.norms.push_back(by_layer.found.at(group.layer));
      layer = group.layer;
    }
    (role == Role::ffn_norm ? group.in_norm : group.out_norm) = layout.norms.size() - 1;
  }
  return {};
}

}  // namespace

Status assign_norms(const NamedTensors& named, const NamingFamily& family, LayerFaults faults,
                    Layout& layout) {
  for (Role role : {Role::ffn_norm, Role::ffn_post_norm}) {
    if (!family.has(role)) continue;
    auto by_layer = norms_of_role(named, role, layout.width, faults);
    if (!by_layer) return std::move(by_layer).error();
    if (auto status = assign_role(*by_layer, role, faults, layout); !status) return status;
  }
  return {};
}

Result<std::vector<std::vector<float>>> read_norm_weights(const Checkpoint& checkpoint,
                                                          Layout& layout) {
  std::vector<std::vector<float>> out;
  std::vector<std::string> faults(layout.norms.size());
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
      if (std::isfinite(values[i]) || !faults[out.size()].empty()) continue;
      faults[out.size()] =
          cat("tensor '", escaped(tensor.name), "': norm weight ", i, " is not finite");
    }
    out.push_back(std::move(values));
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

}  // namespace wmk::checkpoint
