#include "checkpoint/files/shard_set.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "base/text.h"

namespace wmk::checkpoint {

namespace {

constexpr std::string_view kUsualStem = "model";

struct SetKey {
  std::string stem;
  uint64_t count = 0;
  auto operator<=>(const SetKey&) const = default;
};

// Of "model-00001-of-00002".
std::optional<SetKey> set_of(std::string_view name) {
  constexpr std::string_view kOf = "-of-";
  const size_t of = name.rfind(kOf);
  if (of == std::string_view::npos) return std::nullopt;
  const size_t dash = name.rfind('-', of - 1);
  if (of == 0 || dash == std::string_view::npos) return std::nullopt;
  const std::string_view number = name.substr(dash + 1, of - dash - 1);
  const std::string_view count = name.substr(of + kOf.size());
  SetKey out{std::string(name.substr(0, dash)), 0};
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), out.count);
  const bool is_number =
      !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
  if (!is_number || error != std::errc() || end != count.data() + count.size()) {
    return std::nullopt;
  }
  return out;
}

template <class Belongs>
ShardSet split(const std::vector<std::string>& names, const Belongs& belongs) {
  ShardSet out;
  for (const std::string& name : names) (belongs(name) ? out.files : out.others).push_back(name);
  return out;
}

std::string_view stem_of(const std::string& name, std::string_view suffix) {
  return std::string_view(name).substr(0, name.size() - suffix.size());
}

std::vector<SetKey> complete_sets(const std::vector<std::string>& names, std::string_view suffix) {
  std::map<SetKey, uint64_t> found;
  for (const std::string& name : names) {
    if (!name.ends_with(suffix)) continue;
    if (const auto set = set_of(stem_of(name, suffix))) ++found[*set];
  }
  std::vector<SetKey> complete;
  for (const auto& [set, count] : found) {
    if (count == set.count) complete.push_back(set);
  }
  return complete;
}

}  // namespace

std::vector<ShardSet> shard_groups(const std::vector<std::string>& names, std::string_view suffix) {
  std::vector<ShardSet> out;
  for (const SetKey& set : complete_sets(names, suffix)) {
    const auto belongs = [&](const std::string& name) {
      return name.ends_with(suffix) && set_of(stem_of(name, suffix)) == set;
    };
    out.push_back({split(names, belongs).files, {}});
  }
  return out;
}

ShardSet choose_shard_set(const std::vector<std::string>& names, std::string_view suffix) {
  const auto stem = [&](const std::string& name) { return stem_of(name, suffix); };
  const auto is_usual = [&](const std::string& name) { return stem(name) == kUsualStem; };
  if (std::any_of(names.begin(), names.end(), is_usual)) return split(names, is_usual);
  const std::vector<SetKey> complete = complete_sets(names, suffix);
  const auto usual = std::find_if(complete.begin(), complete.end(),
                                  [](const SetKey& set) { return set.stem == kUsualStem; });
  if (usual != complete.end() || complete.size() == 1) {
    const SetKey chosen = usual != complete.end() ? *usual : complete[0];
    return split(names, [&](const std::string& name) { return set_of(stem(name)) == chosen; });
  }
  const auto is_own = [&](const std::string& name) {
    return !stem(name).starts_with("consolidated");
  };
  if (std::any_of(names.begin(), names.end(), is_own)) return split(names, is_own);
  return {names, {}};
}

}  // namespace wmk::checkpoint
