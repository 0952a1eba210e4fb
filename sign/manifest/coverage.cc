#include "sign/manifest/coverage.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "checkpoint/files/weights_file.h"
#include "sign/bundle/bundle.h"
#include "sign/bundle/json_fields.h"
#include "sign/manifest/path_rules.h"

namespace wmk::sign {

namespace {

constexpr auto kBundleEndings =
    std::to_array<std::string_view>({".sig", ".sigstore", ".sigstore.json", ".sigstore.jsonl"});
constexpr uint64_t kOtherBundleBytesMax = 16 << 20;

bool has_ending(std::string_view name, std::span<const std::string_view> endings) {
  const std::string lower = lower_case(name);
  return std::ranges::any_of(endings, [&](std::string_view end) { return lower.ends_with(end); });
}

}  // namespace

void add_uncovered(std::vector<Uncovered>& list, const TreeEntry& entry, std::string_view why) {
  const std::string& path = entry.ignored_by.empty() ? entry.name : entry.ignored_by;
  if (list.empty() || list.back().path != path) list.push_back({path, 0, 0, std::string(why)});
  list.back().files += 1;
  list.back().bytes += entry.bytes;
}

bool is_weights(const ModelTree& tree, const TreeEntry& entry) {
  if (checkpoint::weights_format_of_name(entry.name)) return true;
  if (entry.kind != EntryKind::file) return false;
  const auto file = tree.open(entry);
  if (!file) return false;
  Bytes head(checkpoint::kWeightsHeadBytes);
  const auto got = file->read_at(0, head);
  if (!got) return false;
  head.resize(*got);
  return checkpoint::weights_format_of_content(head).has_value();
}

bool is_other_bundle(const ModelTree& tree, const TreeEntry& entry) {
  if (entry.kind != EntryKind::file || entry.bytes > kOtherBundleBytesMax ||
      !has_ending(entry.name, kBundleEndings)) {
    return false;
  }
  const auto file = tree.open(entry);
  if (!file) return false;
  std::string text(entry.bytes, '\0');
  const auto got = file->read_at(0, std::as_writable_bytes(std::span(text)));
  if (!got || *got != entry.bytes) return false;
  // A .jsonl file has one bundle per line.
  const bool lines = lower_case(entry.name).ends_with("l");
  if (lines) text.resize(std::min(text.size(), text.find('\n')));
  Findings findings;
  const auto bundle = parse_bundle(std::move(text), findings);
  return bundle && bundle->has_value();
}

Result<std::vector<std::string>> ignored_names(const std::filesystem::path& model,
                                               const std::vector<std::filesystem::path>& paths) {
  std::vector<std::string> names(std::begin(kGitNames), std::end(kGitNames));
  for (const std::filesystem::path& path : paths) {
    std::string name = name_inside(model, path.is_absolute() ? path : model / path);
    if (name.empty()) {
      return Error(ErrorCode::invalid_argument,
                   cat("'", escaped(path.string()), "' is not inside the model"))
          .with_hint("a relative path to ignore starts at the model's folder");
    }
    names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

}  // namespace wmk::sign
