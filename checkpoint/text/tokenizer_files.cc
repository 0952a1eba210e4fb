#include "checkpoint/text/tokenizer_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

#include "base/file.h"
#include "base/json.h"
#include "checkpoint/model_folder.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

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

constexpr size_t kNameBytesMax = 255;

// Neither a path nor hidden, so that it can be put into a folder and beside an address.
bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
         std::none_of(name.begin(), name.end(), [](char c) {
           return c == '/' || c == '\\' || (c >= 0 && c < ' ') || c == 0x7f;
         });
}

using Versions = std::map<std::string, std::string>;

Versions read_versions(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / kTokenizerConfigName, ignored)) return {};
  auto text = read_text(folder / kTokenizerConfigName, kConfigBytesMax);
  if (!text) return {};
  const auto config = json::Document::parse(*std::move(text), kConfigLimits);
  const auto names = config ? config->root().find("fast_tokenizer_files") : std::nullopt;
  return names ? by_version(*names) : Versions();
}

// In the order of text, the last one up to the first that is newer; empty: tokenizer.json.
std::string select(const Versions& versions) {
  std::string chosen;
  for (const auto& [version, name] : versions) {
    const auto numbers = version_of(version);
    if (!numbers ||
        !std::lexicographical_compare(numbers->begin(), numbers->end(),
                                      kTransformersVersion.begin(), kTransformersVersion.end())) {
      break;
    }
    chosen = name;
  }
  return chosen == kMainFile ? std::string() : chosen;
}

bool is_there(const fs::path& folder, const std::string& name) {
  std::error_code ignored;
  return fs::path(name).filename() == fs::path(name) && fs::is_regular_file(folder / name, ignored);
}

// The name that is selected, if whether it is a file of the folder is `there`.
std::optional<std::string> selected(const fs::path& folder, bool there) {
  std::string chosen = select(read_versions(folder));
  if (chosen.empty() || is_there(folder, chosen) != there) return std::nullopt;
  return chosen;
}

bool is_other_tokenizer(std::string_view name) {
  if (name == kTokenizerConfigName) return false;
  if (name.ends_with(".tiktoken") || name.ends_with(".model")) return true;
  if (name.find(".model.v") != name.npos) return true;
  return name.ends_with(".json") &&
         (name.starts_with("tokenizer") || name.find("tekken") != name.npos);
}

}  // namespace

std::optional<std::string> versioned_tokenizer(const fs::path& folder) {
  return selected(folder, true);
}

std::optional<std::string> missing_tokenizer(const fs::path& folder) {
  return selected(folder, false);
}

std::vector<std::string> listed_tokenizers(const fs::path& folder) {
  const Versions versions = read_versions(folder);
  std::vector<std::string> out;
  const auto add = [&](const std::string& name) {
    const bool is_known = std::find(out.begin(), out.end(), name) != out.end();
    if (is_plain(name) && !is_known && out.size() < kTokenizerFilesMax) out.push_back(name);
  };
  add(select(versions));
  for (const auto& [version, name] : versions) add(name);
  return out;
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
