// The set of weights that config.json names.
#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/text/config.h"
#include "checkpoint/weight_sets.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhere = "config.json: transformers_weights";

// The value of "transformers_weights", or empty. A damaged config.json is reported by those who
// need it.
std::string configured_name(const fs::path& folder) {
  std::error_code ignored;
  const fs::path path = folder / "config.json";
  if (!fs::exists(path, ignored)) return {};
  auto text = read_text(path, kConfigBytesMax);
  if (!text) return {};
  const auto document = json::Document::parse(*std::move(text), kConfigLimits);
  if (!document || !document->root().is(json::Kind::object)) return {};
  const auto member = document->root().find("transformers_weights");
  return std::string(member ? member->string().value_or("") : "");
}

// A part that begins with a dot. Signatures and roots of models leave .git out, so weights there
// could change under them.
bool is_hidden(const fs::path& path) {
  return std::any_of(path.begin(), path.end(),
                     [](const fs::path& part) { return part.string().starts_with('.'); });
}

}  // namespace

std::vector<std::string> files_of_index(const fs::path& path, std::string_view suffix) {
  auto text = read_text(path, kIndexBytesMax);
  if (!text) return {};
  const auto index = parse_shard_index(*std::move(text), suffix);
  std::vector<std::string> names;
  if (!index) return names;
  for (const Shard& shard : index->shards) names.push_back(shard.file);
  return names;
}

Result<std::optional<fs::path>> configured_path(const fs::path& folder) {
  const std::string named = configured_name(folder);
  if (named.empty()) return std::optional<fs::path>();
  fs::path path = fs::path(named).lexically_normal();
  const std::string name = path.filename().string();
  if (path.is_absolute() || is_hidden(path) || !is_bare_file_name(name) ||
      (!name.ends_with(kSafetensorsIndexSuffix) && !name.ends_with(kSafetensorsSuffix))) {
    return malformed(cat("'", escaped(named), "' is not a safetensors file of this folder"))
        .within(kWhere);
  }
  return std::optional(std::move(path));
}

Result<std::optional<WeightSet>> configured_set(const fs::path& folder) {
  const auto configured = configured_path(folder);
  if (!configured) return configured.error();
  if (!*configured) return std::optional<WeightSet>();
  const fs::path& path = **configured;
  if (Status status = check_inside(folder, folder / path); !status) {
    return std::move(status).error().within(kWhere);
  }
  const std::string name = path.filename().string();
  WeightSet set{
      escaped(configured_name(folder)), WeightsKind::safetensors, path.parent_path(), "", {name}};
  if (name.ends_with(kSafetensorsIndexSuffix)) {
    set.kind = WeightsKind::safetensors_index;
    set.index = name;
    set.files = files_of_index(folder / path, kSafetensorsSuffix);
  }
  return std::optional<WeightSet>(std::move(set));
}

}  // namespace wmk::checkpoint
