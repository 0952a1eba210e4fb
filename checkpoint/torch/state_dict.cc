#include "checkpoint/torch/state_dict.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"
#include "checkpoint/torch/modules.h"

namespace wmk::checkpoint {
namespace {

constexpr size_t kPathShown = 8;

// Preferred where several dictionaries have the most tensors: an average kept for evaluation has as
// many as the model.
constexpr std::array<std::string_view, 5> kUsual = {"state_dict", "model", "module",
                                                    "model_state_dict", "net"};

struct Collection {
  PickleRef value;
  size_t parent;  // index into the list of collections
  std::optional<PickleRef> key;
};

// All reachable collections, each once (so that cycles end), outer ones first.
std::vector<Collection> collections(const PickleValues& values) {
  std::vector<Collection> found;
  std::unordered_set<PickleRef> seen;
  const auto visit = [&](PickleRef value, size_t parent, std::optional<PickleRef> key) {
    const PickleKind kind = values.kind(value);
    const bool is_collection =
        kind == PickleKind::dict || kind == PickleKind::list || kind == PickleKind::tuple;
    if (is_collection && seen.insert(value).second) found.push_back({value, parent, key});
  };
  visit(values.root, 0, std::nullopt);
  for (size_t i = 0; i < found.size(); ++i) {
    const PickleRef value = found[i].value;
    const auto items = values.items(value);
    const bool is_dict = values.is(value, PickleKind::dict);
    for (size_t k = 0; k < items.size(); k += is_dict ? 2 : 1) {
      is_dict ? visit(items[k + 1], i, items[k]) : visit(items[k], i, std::nullopt);
    }
  }
  return found;
}

size_t tensors_in(const PickleValues& values, PickleRef ref) {
  size_t count = 0;
  for (const PickleRef item : values.items(ref)) count += values.is(item, PickleKind::tensor);
  return count;
}

bool has_usual_name(const PickleValues& values, const Collection& place) {
  if (!place.key || !values.is(*place.key, PickleKind::text)) return false;
  return std::find(kUsual.begin(), kUsual.end(), values.text(*place.key)) != kUsual.end();
}

std::string path_of(const PickleValues& values, const std::vector<Collection>& found, size_t at) {
  std::string path;
  for (size_t steps = 0; at != 0; at = found[at].parent) {
    if (++steps > kPathShown) return "..." + path;
    const auto& key = found[at].key;
    const bool is_text = key && values.is(*key, PickleKind::text);
    path.insert(0, is_text ? cat("['", escaped(values.text(*key).substr(0, 100)), "']") : "[...]");
  }
  return path;
}

Status collect(const PickleValues& values, PickleRef dict, StateDict& out) {
  const auto items = values.items(dict);
  for (size_t i = 0; i < items.size(); i += 2) {
    if (!values.is(items[i + 1], PickleKind::tensor)) continue;
    if (!values.is(items[i], PickleKind::text)) return malformed("a tensor's name is not a text");
    const std::string_view name = values.text(items[i]);
    if (auto status = check_name(name); !status) return status;
    out.tensors.emplace_back(name, &values.tensor(items[i + 1]));
  }
  return check_distinct(out);
}

}  // namespace

Result<StateDict> find_state_dict(const PickleValues& values) {
  const std::vector<Collection> found = collections(values);
  for (const Collection& each : found) {
    if (holds_modules(values, each.value)) return collect_modules(values, each.value);
  }
  size_t best = 0, most = 0, all = 0;
  bool best_is_usual = false;
  for (size_t i = 0; i < found.size(); ++i) {
    const size_t count = tensors_in(values, found[i].value);
    all += count;
    if (!values.is(found[i].value, PickleKind::dict) || count == 0) continue;
    const bool is_usual = has_usual_name(values, found[i]);
    if (count < most || (count == most && (best_is_usual || !is_usual))) continue;
    best = i;
    most = count;
    best_is_usual = is_usual;
  }
  if (most == 0) return malformed("has no dictionary of tensors");
  StateDict out;
  if (auto status = collect(values, found[best].value, out); !status) {
    return std::move(status).error();
  }
  if (best != 0)
    out.notes.push_back(cat("the tensors are read from ", path_of(values, found, best)));
  if (all != most) out.notes.push_back(cat(all - most, " tensors outside of it are not read"));
  return out;
}

}  // namespace wmk::checkpoint
