#include "checkpoint/text/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTokenizerConfig = "tokenizer_config.json";
constexpr std::string_view kMainFile = "tokenizer.json";
constexpr std::array<std::string_view, 4> kUsualNames = {kMainFile, "vocab.json", "tokenizer.model",
                                                         "tekken.json"};
// Of transformers.
constexpr std::array<unsigned, 2> kTransformersVersion = {5, 24};

// Numbers between dots; nothing for any other text.
std::optional<std::vector<unsigned>> version_of(std::string_view text) {
  std::vector<unsigned> out;
  while (true) {
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc()) return std::nullopt;
    out.push_back(number);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (text.empty()) return out;
    if (text.front() != '.') return std::nullopt;
    text.remove_prefix(1);
  }
}

// By version as written: what stands between "tokenizer." and the last ".json".
std::map<std::string, std::string> by_version(const json::Value& names) {
  constexpr std::string_view before = "tokenizer.", after = ".json";
  std::map<std::string, std::string> out;
  if (!names.is(json::Kind::array)) return out;
  for (const json::Value each : names) {
    const auto name = each.string();
    if (!name) continue;
    const size_t begin = name->find(before), end = name->rfind(after);
    if (begin == name->npos || end == name->npos || end < begin + before.size()) continue;
    const size_t from = begin + before.size();
    out[std::string(name->substr(from, end - from))] = *name;
  }
  return out;
}

bool is_file(const fs::path& folder, std::string_view name) {
  std::error_code ignored;
  return !name.empty() && fs::path(name).filename() == fs::path(name) &&
         fs::is_regular_file(folder / name, ignored);
}

bool is_other_tokenizer(std::string_view name) {
  if (name == kTokenizerConfig) return false;
  if (name.ends_with(".tiktoken") || name.ends_with(".model")) return true;
  if (name.find(".model.v") != name.npos) return true;
  return name.ends_with(".json") &&
         (name.starts_with("tokenizer") || name.find("tekken") != name.npos);
}

}  // namespace

std::optional<std::string> versioned_tokenizer(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kTokenizerConfig, ignored)) return std::nullopt;
  auto text = read_text(folder / kTokenizerConfig, kConfigBytesMax);
  if (!text) return std::nullopt;
  const auto config = json::Document::parse(*std::move(text), kConfigLimits);
  const auto names = config ? config->root().find("fast_tokenizer_files") : std::nullopt;
  if (!names) return std::nullopt;
  std::string chosen;
  // In the order of text, up to the first that is newer.
  for (const auto& [version, name] : by_version(*names)) {
    const auto numbers = version_of(version);
    if (!numbers ||
        !std::lexicographical_compare(numbers->begin(), numbers->end(),
                                      kTransformersVersion.begin(), kTransformersVersion.end())) {
      break;
    }
    chosen = name;
  }
  if (chosen == kMainFile || !is_file(folder, chosen)) return std::nullopt;
  return chosen;
}

std::vector<std::string> tokenizer_files(const fs::path& folder) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view name) {
    const bool is_known = std::find(out.begin(), out.end(), name) != out.end();
    if (!is_known && out.size() < kTokenizerFilesMax) out.emplace_back(name);
  };
  if (const auto versioned = versioned_tokenizer(folder)) add(*versioned);
  std::error_code ignored;
  for (const std::string_view name : kUsualNames) {
    if (fs::exists(folder / name, ignored)) add(name);
  }
  const auto names = list_files(folder, "");
  if (!names) return out;
  for (const std::string& name : *names) {
    if (is_other_tokenizer(name)) add(name);
  }
  return out;
}

}  // namespace wmk::checkpoint
