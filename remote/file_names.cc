#include "remote/file_names.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/json.h"
#include "base/text.h"

namespace wmk::remote {

namespace {

constexpr auto kCompanionNames = std::to_array<std::string_view>(
    {"config.json",         "params.json",       "quantize_config.json",
     "adapter_config.json", "tokenizer.json",    "tokenizer_config.json",
     "tokenizer.model",     "vocab.json",        "merges.txt",
     "vocab.txt",           "added_tokens.json", "special_tokens_map.json",
     "tekken.json",         "README.md",         "LICENSE",
     "LICENSE.txt",         "LICENSE.md",        "NOTICE",
     "NOTICE.txt",          "USE_POLICY.md"});
constexpr auto kUsualIndexes = std::to_array<std::string_view>(
    {"model.safetensors.index.json", "pytorch_model.bin.index.json"});
constexpr auto kUsualWeights = std::to_array<std::string_view>(
    {"model.safetensors", "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin"});
constexpr auto kIndexEndings =
    std::to_array<std::string_view>({".safetensors.index.json", ".bin.index.json"});
constexpr auto kWeightsEndings =
    std::to_array<std::string_view>({".safetensors", ".gguf", ".bin", ".pth", ".pt"});
constexpr size_t kNameBytesMax = 255;
constexpr size_t kPartDigits = 5;

bool ends_with_any(std::string_view name, std::span<const std::string_view> endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) {
    return name.size() > ending.size() && name.ends_with(ending);
  });
}

// Neither a path nor hidden, so that it can be put into a folder and beside an address.
bool is_bare_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
         std::none_of(name.begin(), name.end(), [](char c) {
           return c == '/' || c == '\\' || (c >= 0 && c < ' ') || c == 0x7f;
         });
}

}  // namespace

std::span<const std::string_view> companion_names() { return kCompanionNames; }
std::span<const std::string_view> usual_indexes() { return kUsualIndexes; }
std::span<const std::string_view> usual_weights() { return kUsualWeights; }

bool is_index_name(std::string_view name) {
  return is_bare_name(name) && ends_with_any(name, kIndexEndings);
}

bool is_weights_name(std::string_view name) {
  return is_bare_name(name) && ends_with_any(name, kWeightsEndings);
}

Result<std::vector<std::string>> shards_of_index(std::string json) {
  auto document = json::Document::parse(std::move(json));
  if (!document) return std::move(document).error();
  const auto map = document->root().find("weight_map");
  if (!map || !map->is(json::Kind::object)) return malformed("'weight_map' is not an object");
  std::set<std::string> names;
  for (const json::Value value : *map) {
    const auto name = value.string();
    if (!name || !is_weights_name(*name)) {
      return malformed(cat("'", escaped(name.value_or("")), "' is not the name of a weights file"));
    }
    names.emplace(*name);
    if (names.size() > kShardsMax) {
      return Error(ErrorCode::limit_exceeded, cat("lists more than ", kShardsMax, " files"));
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

std::vector<std::string> parts_of(std::string_view name) {
  constexpr std::string_view kEnding = ".gguf", kOf = "-of-";
  constexpr size_t kTail = 1 + kPartDigits + kOf.size() + kPartDigits + kEnding.size();
  std::vector<std::string> out = {std::string(name)};
  if (!name.ends_with(kEnding) || name.size() <= kTail) return out;
  const std::string_view stem = name.substr(0, name.size() - kTail);
  const std::string_view tail = name.substr(stem.size());
  const auto number_at = [&](size_t at) {
    std::string_view digits = tail.substr(at, kPartDigits);
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    return decimal(digits);
  };
  const auto part = number_at(1), count = number_at(1 + kPartDigits + kOf.size());
  if (tail.front() != '-' || tail.substr(1 + kPartDigits, kOf.size()) != kOf || !part || !count ||
      *part < 1 || *part > *count || *count > kShardsMax) {
    return out;
  }
  out.clear();
  const auto padded = [](uint64_t number) {
    const std::string digits = to_text(number);
    return std::string(kPartDigits - digits.size(), '0') + digits;
  };
  for (uint64_t i = 1; i <= *count; ++i) {
    out.push_back(cat(stem, "-", padded(i), kOf, padded(*count), kEnding));
  }
  return out;
}

}  // namespace wmk::remote
