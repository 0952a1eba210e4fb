#include "checkpoint/adapter/config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace wmk::checkpoint {
namespace {

constexpr uint64_t kBytesMax = 16ull << 20;

// Fields that do not change the merge, or that are read below. All others must be unset, since an
// unknown field may change the weights.
constexpr std::array<std::string_view, 34> kKnown = {
    "alpha_pattern",
    "auto_mapping",
    "base_model_name_or_path",
    "bias",
    "enable_lora",
    "ensure_weight_tying",
    "eva_config",
    "exclude_modules",
    "fan_in_fan_out",
    "inference_mode",
    "init_lora_weights",
    "layers_pattern",
    "layers_to_transform",
    "loftq_config",
    "lora_alpha",
    "lora_dropout",
    "megatron_core",
    "merge_weights",
    "modules_to_save",
    "parent_library",
    "peft_type",
    "peft_version",
    "qalora_group_size",
    "r",
    "rank_pattern",
    "revision",
    "runtime_config",
    "target_modules",
    "task_type",
    "unsloth_version",
    "use_dora",
    "use_rslora",
    "base_model_class",
    "velora_group_size",
};

Error unsupported(std::string message) {
  return Error(ErrorCode::unsupported, std::move(message))
      .with_hint("merge the adapter with peft (merge_and_unload) and name the result");
}

bool is_unset(const json::Value& value) {
  if (value.is(json::Kind::null) || value.boolean() == false) return true;
  return (value.is(json::Kind::object) || value.is(json::Kind::array)) && value.size() == 0;
}

Status check_kind(const json::Value& root) {
  const auto type = root.find("peft_type");
  const auto name = type ? type->string() : std::nullopt;
  if (!name) return malformed("has no 'peft_type'");
  if (*name != "LORA") {
    return unsupported(cat("adapters of type '", escaped(name->substr(0, 100)), "' are not read"));
  }
  for (const json::Value field : root) {
    const bool is_known = std::find(kKnown.begin(), kKnown.end(), field.key()) != kKnown.end();
    if (is_known || is_unset(field)) continue;
    return unsupported(
        cat("'", escaped(field.key().substr(0, 100)), "' is set, but not supported"));
  }
  // Other ways to initialise change the base too, whose weights are then not those of the model.
  const auto init = root.find("init_lora_weights");
  const auto how = init ? init->string() : std::nullopt;
  if (how && *how != "gaussian" && *how != "eva" && *how != "orthogonal") {
    return unsupported(
        cat("init_lora_weights '", escaped(how->substr(0, 100)), "' changes the base as well"));
  }
  return {};
}

Result<bool> flag(const json::Value& root, std::string_view name) {
  const auto value = root.find(name);
  if (!value || value->is(json::Kind::null)) return false;
  if (const auto truth = value->boolean()) return *truth;
  return malformed(cat("'", name, "' is neither true nor false"));
}

Result<double> positive(const json::Value& value, std::string_view name) {
  const auto number = value.number();
  if (number && *number > 0 && *number <= 1e9) return *number;
  return malformed(cat("'", escaped(name.substr(0, 100)), "' is not a positive number"));
}

// A key is a regular expression in PEFT, but PEFT itself writes names with dots.
Result<std::string> plain_key(std::string_view key) {
  std::string out;
  for (size_t i = 0; i < key.size(); ++i) {
    if (key[i] == '\\' && i + 1 < key.size() && key[i + 1] == '.') continue;
    if (std::string_view("\\^$*+?()[]{}|").find(key[i]) != std::string_view::npos) {
      return unsupported(
          cat("alpha_pattern '", escaped(key.substr(0, 100)), "' is not a plain name"));
    }
    out.push_back(key[i]);
  }
  return out;
}

Status read_alphas(const json::Value& root, AdapterConfig& config) {
  const auto pattern = root.find("alpha_pattern");
  if (!pattern || pattern->is(json::Kind::null)) return {};
  if (!pattern->is(json::Kind::object)) return malformed("'alpha_pattern' is not an object");
  for (const json::Value entry : *pattern) {
    auto key = plain_key(entry.key());
    if (!key) return std::move(key).error();
    const auto alpha = positive(entry, entry.key());
    if (!alpha) return alpha.error();
    config.alphas.emplace_back(*std::move(key), *alpha);
  }
  return {};
}

}  // namespace

float AdapterConfig::scale(std::string_view module, uint64_t rank) const {
  if (is_unscaled) return 1;
  double chosen = alpha;
  for (const auto& [key, other] : alphas) {
    if (!module.ends_with(key)) continue;
    if (module.size() > key.size() && module[module.size() - key.size() - 1] != '.') continue;
    chosen = other;
    break;
  }
  const auto r = static_cast<double>(rank);
  return static_cast<float>(chosen / (rank_stabilised ? std::sqrt(r) : r));
}

Result<AdapterConfig> parse_adapter_config(std::string json) {
  auto document = json::Document::parse(std::move(json));
  if (!document) return std::move(document).error();
  const json::Value root = document->root();
  if (!root.is(json::Kind::object)) return malformed("is not an object");
  if (auto status = check_kind(root); !status) return std::move(status).error();
  AdapterConfig config;
  if (const auto alpha = root.find("lora_alpha")) {
    const auto number = positive(*alpha, "lora_alpha");
    if (!number) return number.error();
    config.alpha = *number;
  }
  for (const auto& [name, to] : {std::pair{"use_rslora", &config.rank_stabilised},
                                 std::pair{"use_dora", &config.has_magnitudes},
                                 std::pair{"fan_in_fan_out", &config.is_stored_transposed}}) {
    const auto value = flag(root, name);
    if (!value) return value.error();
    *to = *value;
  }
  const auto base = root.find("base_model_name_or_path");
  if (const auto name = base ? base->string() : std::nullopt) config.base = *name;
  if (auto status = read_alphas(root, config); !status) return std::move(status).error();
  return config;
}

Result<AdapterConfig> read_adapter_config(const std::filesystem::path& folder) {
  auto text = read_text(folder / kAdapterConfigName, kBytesMax);
  if (!text) return std::move(text).error();
  auto config = parse_adapter_config(*std::move(text));
  if (!config) return std::move(config).error().within(kAdapterConfigName);
  return config;
}

}  // namespace wmk::checkpoint
