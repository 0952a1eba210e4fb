#include "checkpoint/quantised/quantisation_config.h"

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/text/config.h"
#include "checkpoint/text/module_pattern.h"

namespace wmk::checkpoint {

namespace {

// A value of another type counts as missing, as everywhere in config.json.
std::string text_of(const json::Value& object, std::string_view key) {
  const auto member = object.find(key);
  return std::string(member ? member->string().value_or("") : "");
}

std::optional<uint64_t> whole_of(const json::Value& object, std::string_view key) {
  const auto member = object.find(key);
  return member ? member->unsigned_integer() : std::nullopt;
}

std::optional<json::Value> object_of(const json::Value& object, std::string_view key) {
  if (!object.is(json::Kind::object)) return std::nullopt;
  const auto member = object.find(key);
  return member && member->is(json::Kind::object) ? member : std::nullopt;
}

// The texts of an array, or one text.
std::vector<std::string> texts_of(const json::Value& object, std::string_view key) {
  const auto member = object.find(key);
  if (member && member->string()) return {std::string(*member->string())};
  std::vector<std::string> out;
  if (!member || !member->is(json::Kind::array)) return out;
  for (const json::Value& item : *member) out.emplace_back(item.string().value_or(""));
  return out;
}

QuantisationConfig::Packing packing_in(const json::Value& object) {
  QuantisationConfig::Packing out{whole_of(object, "bits"), whole_of(object, "group_size"),
                                  text_of(object, "mode")};
  if (!out.bits) out.bits = whole_of(object, "w_bit");
  if (!out.group_size) out.group_size = whole_of(object, "q_group_size");
  return out;
}

// The library of compressed-tensors takes "symmetric" for true where it is missing.
std::vector<QuantisationConfig::Symmetry> symmetries_in(const json::Value& object) {
  std::vector<QuantisationConfig::Symmetry> out;
  const auto groups = object_of(object, "config_groups");
  if (!groups) return out;
  for (const json::Value& group : *groups) {
    const auto weights = object_of(group, "weights");
    if (!weights) continue;
    const auto symmetric = weights->find("symmetric");
    out.push_back({texts_of(group, "targets"), !symmetric || symmetric->boolean().value_or(true)});
  }
  return out;
}

QuantisationConfig quantisation_values(const json::Value& object) {
  QuantisationConfig out;
  out.method = text_of(object, "quant_method");
  for (const std::string_view key : {"checkpoint_format", "format", "version"}) {
    if (out.format.empty()) out.format = text_of(object, key);
  }
  if (const auto type = object_of(object, "quant_type")) {
    if (const auto usual = object_of(*type, "default")) out.kind = text_of(*usual, "_type");
  }
  out.packing = packing_in(object);
  if (out.method == "compressed-tensors") out.symmetries = symmetries_in(object);
  if (const auto block = object.find("weight_block_size"); block && block->is(json::Kind::array)) {
    for (const json::Value& extent : *block) {
      if (out.block.size() < 4) out.block.push_back(extent.unsigned_integer().value_or(0));
    }
  }
  for (const json::Value& member : object) {
    if (!member.is(json::Kind::object)) continue;
    const auto packing = packing_in(member);
    if (packing.bits || packing.group_size || !packing.mode.empty()) {
      out.modules.emplace(member.key(), packing);
    }
  }
  return out;
}

QuantisationConfig of_model(const json::Value& object, std::optional<uint64_t> hidden_size) {
  QuantisationConfig out = quantisation_values(object);
  out.hidden_size = hidden_size;
  return out;
}

Result<std::optional<json::Document>> read_document(const std::filesystem::path& folder,
                                                    std::string_view name) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / name, ignored)) return std::optional<json::Document>();
  auto text = read_text(folder / name, kConfigBytesMax);
  if (!text) return std::move(text).error();
  auto document = json::Document::parse(std::move(*text), kConfigLimits);
  if (!document) return std::move(document).error().within(name);
  return std::optional<json::Document>(std::move(*document));
}

}  // namespace

const QuantisationConfig::Packing& QuantisationConfig::packing_of(const std::string& module) const {
  const auto found = modules.find(module);
  return found == modules.end() ? packing : found->second;
}

bool QuantisationConfig::uses_zero_points(std::string_view module) const {
  if (zero_points != ZeroPoints::configured) return zero_points == ZeroPoints::used;
  for (const Symmetry& group : symmetries) {
    if (matches_any(group.targets, module)) return !group.symmetric;
  }
  return true;
}

Result<QuantisationConfig> read_quantisation_config(const std::filesystem::path& folder) {
  auto config = read_document(folder, "config.json");
  if (!config) return std::move(config).error();
  std::optional<uint64_t> hidden_size;
  if (*config) {
    const json::Value root = (*config)->root();
    if (root.is(json::Kind::object)) hidden_size = whole_of(root, "hidden_size");
    for (const std::string_view key :
         {"quantization_config", "compression_config", "quantization"}) {
      const auto text = object_of(root, "text_config");
      auto object = object_of(root, key);
      if (text && !hidden_size) hidden_size = whole_of(*text, "hidden_size");
      if (text && !object) object = object_of(*text, key);
      if (object) return of_model(*object, hidden_size);
    }
  }
  auto older = read_document(folder, "quantize_config.json");
  if (!older) return std::move(older).error();
  if (*older && (*older)->root().is(json::Kind::object)) {
    return of_model((*older)->root(), hidden_size);
  }
  QuantisationConfig none;
  none.hidden_size = hidden_size;
  return none;
}

}  // namespace wmk::checkpoint
