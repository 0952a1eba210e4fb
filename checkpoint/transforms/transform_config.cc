#include "checkpoint/transforms/transform_config.h"

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/text/config.h"
#include "checkpoint/text/module_pattern.h"

namespace wmk::checkpoint {
namespace {

constexpr size_t kSchemesMax = 64, kUsesMax = 64, kTargetsMax = 1024;

std::optional<json::Value> member_of(const json::Value& object, std::string_view key,
                                     json::Kind kind) {
  if (!object.is(json::Kind::object)) return std::nullopt;
  const auto member = object.find(key);
  return member && member->is(kind) ? member : std::nullopt;
}

bool is_true(const json::Value& object, std::string_view key) {
  const auto member = member_of(object, key, json::Kind::boolean);
  return member && member->boolean().value_or(false);
}

std::string text_of(const json::Value& object, std::string_view key) {
  const auto member = member_of(object, key, json::Kind::string);
  return std::string(member ? member->string().value_or("") : "");
}

// A list of texts, or one text.
std::vector<std::string> texts_of(const json::Value& object, std::string_view key) {
  std::vector<std::string> out;
  if (auto one = text_of(object, key); !one.empty()) out.push_back(std::move(one));
  const auto list = member_of(object, key, json::Kind::array);
  if (!list) return out;
  for (const json::Value& item : *list) {
    if (item.string() && out.size() < kTargetsMax) out.emplace_back(*item.string());
  }
  return out;
}

TransformScheme scheme_of(const json::Value& group) {
  TransformScheme scheme;
  scheme.name = group.key();
  scheme.type = text_of(group, "type");
  scheme.randomised = is_true(group, "randomize");
  if (const auto size = member_of(group, "head_dim", json::Kind::number)) {
    scheme.head_size = size->unsigned_integer().value_or(0);
  }
  const auto uses = member_of(group, "apply", json::Kind::array);
  if (!uses) return scheme;
  for (const json::Value& use : *uses) {
    const std::string location = text_of(use, "location");
    if ((location != "input" && location != "output") || scheme.uses.size() >= kUsesMax) continue;
    scheme.uses.push_back({texts_of(use, "targets"), texts_of(use, "ignore"), location == "input",
                           is_true(use, "inverse")});
  }
  return scheme;
}

}  // namespace

bool TransformUse::applies_to(std::string_view module) const {
  return matches_any(targets, module) && !matches_any(ignored, module);
}

std::vector<TransformScheme> read_transform_config(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::vector<TransformScheme> out;
  const auto path = folder / "config.json";
  if (!std::filesystem::exists(path, ignored)) return out;
  auto text = read_text(path, kConfigBytesMax);
  if (!text) return out;
  const auto document = json::Document::parse(*std::move(text), kConfigLimits);
  if (!document) return out;
  for (const char* key : {"quantization_config", "compression_config"}) {
    const auto settings = member_of(document->root(), key, json::Kind::object);
    const auto config =
        settings ? member_of(*settings, "transform_config", json::Kind::object) : std::nullopt;
    const auto groups =
        config ? member_of(*config, "config_groups", json::Kind::object) : std::nullopt;
    if (!groups || !out.empty()) continue;
    for (const json::Value& group : *groups) {
      if (out.size() < kSchemesMax) out.push_back(scheme_of(group));
    }
  }
  return out;
}

}  // namespace wmk::checkpoint
