#include "checkpoint/layout/unit_groups.h"

#include <algorithm>
#include <compare>
#include <map>
#include <span>
#include <string_view>
#include <tuple>

#include "base/text.h"
#include "checkpoint/layout/ffn_matrix.h"

namespace wmk::checkpoint {

namespace {

// Order of groups: by layer, then part, then dense, shared, experts.
struct GroupKey {
  uint64_t layer = 0;
  std::string_view part;
  bool routed = false;
  bool shared = false;
  uint64_t expert = 0;
  auto operator<=>(const GroupKey&) const = default;
};

// One matrix of one group.
struct Part {
  GroupKey key;
  Role role = Role::other;
  FfnMatrix matrix;
  size_t tensor = 0;
  uint64_t slice = 0;
  bool optional = false;
};

class PartCollector {
 public:
  PartCollector(const std::vector<Tensor>& tensors, uint64_t width, LayerFaults faults)
      : tensors_(tensors), width_(width), are_skipped_(faults == LayerFaults::skipped) {}

  Status add(size_t tensor, const IndexedName& entry, const Rule& rule) {
    if (rule.latent && !has_width(tensors_[tensor], rule, width_)) return {};
    GroupKey key{.part = rule.part, .shared = rule.shared};
    if (!rule.all_layers) key.layer = rule.by_order ? rule.place : entry.numbers[0];
    key.routed = rule.stacked || rule.numbers > 1;
    if (rule.numbers > 1) key.expert = entry.numbers[1];
    auto matrix = read_ffn_matrix(tensors_[tensor], rule, width_);
    if (!matrix && are_skipped_) {
      faults_.emplace(key, matrix.error().message());
      return {};
    }
    if (!matrix) return std::move(matrix).error();
    // Up to four matrices make a group; the sum cannot overflow, parts_ is bounded already.
    if (matrix->slices() > 4 * kGroupsMax - parts_.size()) {
      return Error(ErrorCode::limit_exceeded, cat("tensor '", escaped(tensors_[tensor].name),
                                                  "': more than ", kGroupsMax, " experts in all"));
    }
    for (uint64_t slice = 0; slice < matrix->slices(); ++slice) {
      if (rule.stacked) key.expert = slice % matrix->experts;
      if (rule.all_layers) key.layer = slice / matrix->experts;
      parts_.push_back({key, rule.role, *matrix, tensor, slice, rule.optional});
    }
    return {};
  }

  // By group; the order of parts inside one is that of roles, then of tensors.
  std::vector<Part> take() {
    std::sort(parts_.begin(), parts_.end(), [](const Part& a, const Part& b) {
      return std::tie(a.key, a.role, a.tensor) < std::tie(b.key, b.role, b.tensor);
    });
    return std::move(parts_);
  }
  // Tensors that could not be used, by group; of a stacked tensor by its first expert.
  std::map<GroupKey, std::string>& faults() { return faults_; }

 private:
  const std::vector<Tensor>& tensors_;
  uint64_t width_;
  bool are_skipped_;
  std::vector<Part> parts_;
  std::map<GroupKey, std::string> faults_;
};

UnitGroup empty_group(const GroupKey& key) {
  UnitGroup group;
  group.layer = key.layer;
  if (key.routed) group.expert = key.expert;
  group.shared = key.shared;
  group.part = key.part;
  return group;
}

class GroupBuilder {
 public:
  GroupBuilder(const std::vector<Tensor>& tensors, std::span<const Part> parts)
      : tensors_(tensors), parts_(parts), group_(empty_group(parts[0].key)) {}

  // None: the group may be incomplete, and is.
  Result<std::optional<UnitGroup>> build() {
    group_.units = parts_[0].matrix.units;
    for (const Part& part : parts_) {
      if (part.matrix.units != group_.units) return unequal_units(part);
      const View view = part.matrix.view(part.tensor, part.slice);
      if (part.role == Role::ffn_down) {
        if (auto status = set(down_, part, view); !status) return std::move(status).error();
      }
      if (part.role == Role::ffn_gate || part.role == Role::ffn_gate_up) {
        View gate = view;
        gate.first += part.matrix.gate_offset;
        if (auto status = set(gate_, part, gate); !status) return std::move(status).error();
      }
      if (part.role == Role::ffn_up || part.role == Role::ffn_gate_up) {
        View up = view;
        up.first += part.matrix.up_offset;
        if (auto status = set(up_, part, up); !status) return std::move(status).error();
      }
    }
    if (!up_ || !down_) return incomplete_group();
    group_.up = *up_;
    group_.down = *down_;
    group_.gate = gate_;
    return std::optional(std::move(group_));
  }

 private:
  std::string quoted(size_t tensor) const { return cat("'", escaped(tensors_[tensor].name), "'"); }

  Status set(std::optional<View>& place, const Part& part, const View& view) {
    if (place) {
      return malformed(cat("tensors ", quoted(place->tensor), " and ", quoted(part.tensor),
                           " both are ", to_string(part.role), " of ", group_.label()));
    }
    place = view;
    return {};
  }

  Error unequal_units(const Part& part) const {
    return malformed(cat("tensor ", quoted(part.tensor), ": ", part.matrix.units, " units in ",
                         group_.label(), ", where ", quoted(parts_[0].tensor), " has ",
                         group_.units));
  }

  Result<std::optional<UnitGroup>> incomplete_group() const {
    const auto may_be = [](const Part& part) { return part.optional; };
    if (std::all_of(parts_.begin(), parts_.end(), may_be)) return std::optional<UnitGroup>();
    return malformed(cat(group_.label(), ": ", quoted(parts_[0].tensor), " is present, but not ",
                         to_string(up_ ? Role::ffn_down : Role::ffn_up)));
  }

  const std::vector<Tensor>& tensors_;
  std::span<const Part> parts_;
  UnitGroup group_;
  std::optional<View> gate_, up_, down_;
};

Status make_groups(const std::vector<Tensor>& tensors, std::span<const Part> parts,
                   LayerFaults faults, std::map<GroupKey, std::string>& unusable, Layout& layout) {
  while (!parts.empty()) {
    size_t count = 1;
    while (count < parts.size() && parts[count].key == parts[0].key) ++count;
    const auto known = unusable.extract(parts[0].key);
    auto group = GroupBuilder(tensors, parts.first(count)).build();
    if (!group && faults == LayerFaults::refused) return std::move(group).error();
    if (!group || !known.empty()) {
      layout.skipped.push_back({empty_group(parts[0].key).label(), parts[0].matrix.units,
                                known.empty() ? group.error().message() : known.mapped()});
    } else if (*group) {
      layout.groups.push_back(**std::move(group));
    }
    parts = parts.subspan(count);
  }
  if (layout.groups.size() > kGroupsMax) {
    return Error(ErrorCode::limit_exceeded, "too many experts");
  }
  // Nothing shows how many units these had: as many as the others.
  const uint64_t usual = layout.groups.empty() ? 0 : layout.groups[0].units;
  for (const auto& [key, reason] : unusable) {
    layout.skipped.push_back({empty_group(key).label(), usual, reason});
  }
  if (layout.groups.empty() && layout.skipped.empty()) return malformed("no FFN found");
  return {};
}

}  // namespace

Status build_groups(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, LayerFaults faults, Layout& layout) {
  PartCollector collector(tensors, layout.width, faults);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    const Rule* rule = rules[entry.pattern];
    const auto role = role_of(entry, rule);
    if (!role || !is_ffn_matrix(*role)) continue;
    if (auto status = collector.add(i, entry, *rule); !status) return status;
  }
  return make_groups(tensors, collector.take(), faults, collector.faults(), layout);
}

}  // namespace wmk::checkpoint
