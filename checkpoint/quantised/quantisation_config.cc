#include "checkpoint/quantised/quantisation_config.h"

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/text/config.h"

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

QuantisationConfig::Packing packing_in(const json::Value& object) {
  QuantisationConfig::Packing out{whole_of(object, "bits"), whole_of(object, "group_size")};
  if (!out.bits) out.bits = whole_of(object, "w_bit");
  if (!out.group_size) out.group_size = whole_of(object, "q_group_size");
  return out;
}

QuantisationConfig quantisation_values(const json::Value& object) {
  QuantisationConfig out;
  out.method = text_of(object, "quant_method");
  for (const std::string_view key : {"checkpoint_format", "format", "version"}) {
    if (out.format.empty()) out.format = text_of(object, key);
  }
  out.mode = text_of(object, "mode");
  if (const auto type = object_of(object, "quant_type")) {
    if (const auto usual = object_of(*type, "default")) out.kind = text_of(*usual, "_type");
  }
  out.packing = packing_in(object);
  if (const auto block = object.find("weight_block_size"); block && block->is(json::Kind::array)) {
    for (const json::Value& extent : *block) {
      if (out.block.size() < 4) out.block.push_back(extent.unsigned_integer().value_or(0));
    }
  }
  for (const json::Value& member : object) {
    if (!member.is(json::Kind::object)) continue;
    const auto packing = packing_in(member);
    if (packing.bits || packing.group_size) out.modules.emplace(member.key(), packing);
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
