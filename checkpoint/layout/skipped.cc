#include "checkpoint/layout/skipped.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kSkippedListed = 8;

// Names of modules that are an FFN in every family; "mixer" may be something else.
constexpr std::array<std::string_view, 6> kFfnModules = {"mlp", "ffn",     "feed_forward",
                                                         "moe", "experts", "ff"};

// "layers.#.mlp." of "layers.#.mlp.up_proj"; empty if the last module is not an FFN by its name.
std::string_view ffn_module(std::string_view pattern) {
  const std::string_view module = pattern.substr(0, pattern.rfind('.') + 1);
  for (const std::string_view name : kFfnModules) {
    if (module.ends_with(std::string(name) + ".")) return module;
  }
  return {};
}

std::string label_of(const CanonicalName& name, const Rule& rule) {
  UnitGroup group;
  if (!name.numbers.empty()) group.layer = name.numbers[0];
  group.shared = rule.shared;
  if (name.numbers.size() > 1) group.expert = name.numbers[1];
  return group.label();
}

bool is_group(const UnitGroup& group, const CanonicalName& name, const Rule& rule) {
  if (name.numbers.empty() || group.layer != name.numbers[0] || group.shared != rule.shared)
    return false;
  if (name.numbers.size() > 1) return group.expert == name.numbers[1];
  return rule.stacked == group.expert.has_value();
}

}  // namespace

void skip_unread(const UnreadQuantised& unread, const NamingFamily& family, Anatomy& anatomy) {
  for (const auto& [stem, reason] : unread.modules) {
    const CanonicalName name = canonical_name(stem);
    const Rule* rule = family.find(name.pattern);
    if (rule == nullptr || !is_ffn_matrix(rule->role)) continue;
    const bool is_read =
        std::any_of(anatomy.groups.begin(), anatomy.groups.end(),
                    [&](const UnitGroup& group) { return is_group(group, name, *rule); });
    if (is_read) continue;
    const std::string label = label_of(name, *rule);
    const auto listed = std::find_if(anatomy.skipped.begin(), anatomy.skipped.end(),
                                     [&](const SkippedUnits& s) { return s.label == label; });
    if (listed != anatomy.skipped.end()) {
      listed->reason = reason.message();
    } else {
      anatomy.skipped.push_back({label, anatomy.groups[0].units, reason.message()});
    }
  }
}

void skip_unexplained(const NameTable& names, const NamingFamily& family, Anatomy& anatomy) {
  std::set<std::string_view> modules;
  const std::vector<const Rule*> rules = names.rules_of(family);
  for (const Rule* rule : rules) {
    if (rule == nullptr || !is_ffn_matrix(rule->role)) continue;
    if (const auto module = ffn_module(rule->pattern); !module.empty()) modules.insert(module);
  }
  std::set<uint64_t> known, unexplained;
  for (const UnitGroup& group : anatomy.groups) known.insert(group.layer);
  for (size_t i = 0; i < names.entries.size(); ++i) {
    const IndexedName& entry = names.entries[i];
    if (rules[entry.pattern] != nullptr || entry.numbers.empty()) continue;
    if (known.contains(entry.numbers[0])) continue;
    const std::string_view pattern = names.patterns[entry.pattern].canonical;
    const auto is_inside = [&](std::string_view module) { return pattern.starts_with(module); };
    if (std::any_of(modules.begin(), modules.end(), is_inside)) {
      unexplained.insert(entry.numbers[0]);
    }
  }
  for (const uint64_t layer : unexplained) {
    const std::string label = cat("layer ", layer);
    const bool listed = std::any_of(anatomy.skipped.begin(), anatomy.skipped.end(),
                                    [&](const SkippedUnits& s) { return s.label == label; });
    if (listed) continue;
    anatomy.skipped.push_back(
        {label, anatomy.groups[0].units, "the tensors of its FFN have unknown names"});
  }
}

void skip_differing(const std::vector<Tensor>& tensors, const Duplicates& duplicates,
                    const NamingFamily& family, Anatomy& anatomy) {
  uint64_t units = 0;
  for (const size_t i : duplicates.differing) {
    const Rule* rule = family.find(canonical_name(tensors[i].name).pattern);
    if (rule != nullptr && rule->role == Role::ffn_down) {
      units += tensors[i].elements() / anatomy.width;
    }
  }
  if (units == 0) return;
  anatomy.skipped.push_back({"a second copy of the model", units, "its values differ"});
}

void note_skipped(Anatomy& anatomy) {
  for (size_t i = 0; i < std::min(anatomy.skipped.size(), kSkippedListed); ++i) {
    const SkippedUnits& each = anatomy.skipped[i];
    std::string_view reason = each.reason;
    if (reason.starts_with(each.label + ": ")) reason.remove_prefix(each.label.size() + 2);
    anatomy.notes.push_back(cat(each.label, " is skipped (", each.units, " units): ", reason));
  }
  if (anatomy.skipped.size() <= kSkippedListed) return;
  anatomy.notes.push_back(cat(anatomy.skipped.size() - kSkippedListed,
                              " more parts of the model are skipped, ",
                              anatomy.skipped_unit_count(), " units in all"));
}

}  // namespace wmk::checkpoint
