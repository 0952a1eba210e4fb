#include "checkpoint/weight_sets.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "checkpoint/files/shard_set.h"
#include "checkpoint/files/weights_file.h"
#include "checkpoint/gguf/part_name.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr auto kSkipDenied = fs::directory_options::skip_permission_denied;
constexpr int kDepthMax = 2;                                     // of subfolders
constexpr auto kIgnoredStems = std::to_array<std::string_view>(  // of trainers and adapters
    {"training_args", "optimizer", "scheduler", "rng_state", "adapter_model"});

bool is_ignored(std::string_view name) {
  return std::any_of(kIgnoredStems.begin(), kIgnoredStems.end(),
                     [&](std::string_view stem) { return name.starts_with(stem); });
}

// By the first bytes; none: not weights that are read.
std::optional<WeightsKind> kind_of(const fs::path& path) {
  const auto file = ReadFile::open(path);
  if (!file) return std::nullopt;
  const auto format = weights_format_of_content(head_of(*file));
  if (format == WeightsFormat::safetensors) return WeightsKind::safetensors;
  if (format == WeightsFormat::gguf) return WeightsKind::gguf;
  if (format == WeightsFormat::torch_zip) return WeightsKind::torch;
  return std::nullopt;
}

// Collects the sets of one folder.
class FolderSets {
 public:
  FolderSets(const fs::path& root, fs::path subfolder)
      : folder_(root / subfolder), subfolder_(std::move(subfolder)) {
    const auto names = list_files(folder_, "");
    if (!names) return;
    for (const std::string& name : *names) {
      if (++files_ > kSetFilesMax) break;
      if (!check_inside(folder_, folder_ / name)) continue;
      if (name.ends_with(kSafetensorsIndexSuffix) || name.ends_with(kTorchIndexSuffix)) {
        indexes_.push_back(name);
      } else if (const auto kind = is_ignored(name) ? std::nullopt : kind_of(folder_ / name)) {
        names_[*kind].push_back(name);
      }
    }
  }

  std::vector<WeightSet> take() {
    add_usual();
    for (const std::string& name : indexes_) add_index(name);
    add_groups(WeightsKind::safetensors, kSafetensorsSuffix);
    add_groups(WeightsKind::torch, ".bin");
    add_outside_of_indexes();
    for (const std::string& name : names_[WeightsKind::gguf]) {
      const auto part = gguf_part_name(name);
      if (!part || part->number == 1) add(cat("GGUF ", shown(name)), WeightsKind::gguf, {name});
    }
    for (const auto kind : {WeightsKind::safetensors, WeightsKind::torch}) {
      for (const std::string& name : names_[kind]) {
        if (!in_group_.contains(name)) add(shown(name), kind, {name});
      }
    }
    return std::move(out_);
  }

 private:
  std::string shown(std::string_view name) const {
    return escaped((subfolder_ / name).generic_string());
  }

  bool has(WeightsKind kind, std::string_view name) {
    const auto& names = names_[kind];
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void add(std::string words, WeightsKind kind, std::vector<std::string> files,
           std::string index = {}) {
    WeightSet set{std::move(words), kind, subfolder_, std::move(index), std::move(files)};
    const auto is_same = [&](const WeightSet& other) {
      return other.words == set.words ||
             (other.kind == set.kind && other.files == set.files && other.index == set.index);
    };
    if (std::none_of(out_.begin(), out_.end(), is_same)) out_.push_back(std::move(set));
  }

  void add_index(const std::string& name) {
    if (std::find(indexes_.begin(), indexes_.end(), name) == indexes_.end()) return;
    const bool torch = name.ends_with(kTorchIndexSuffix);
    auto files = files_of_index(folder_ / name, torch ? ".bin" : kSafetensorsSuffix);
    indexed_.insert(files.begin(), files.end());
    add(cat("index ", shown(name)),
        torch ? WeightsKind::torch_index : WeightsKind::safetensors_index, std::move(files), name);
  }

  // What transformers opens, in its order.
  void add_usual() {
    const std::string file(kUsualSafetensors), torch(kUsualTorch);
    if (has(WeightsKind::safetensors, file)) add(shown(file), WeightsKind::safetensors, {file});
    add_index(std::string(kUsualSafetensorsIndex));
    if (has(WeightsKind::torch, torch)) add(shown(torch), WeightsKind::torch, {torch});
    add_index(std::string(kUsualTorchIndex));
  }

  // Shards by their names, "STEM-00001-of-0000N".
  void add_groups(WeightsKind kind, std::string_view suffix) {
    for (ShardSet& group : shard_groups(names_[kind], suffix)) {
      in_group_.insert(group.files.begin(), group.files.end());
      const std::string words = cat("shards ", shown(group.files.front()), " and ",
                                    group.files.size() - 1, " more without an index");
      add(words, kind, std::move(group.files));
    }
  }

  void add_outside_of_indexes() {
    std::vector<std::string> files;
    for (const std::string& name : names_[WeightsKind::safetensors]) {
      if (name != kUsualSafetensors && !indexed_.contains(name)) files.push_back(name);
    }
    if (files.size() > 1) {
      add(cat("all ", shown("*.safetensors"), " that are neither in an index nor ",
              kUsualSafetensors),
          WeightsKind::safetensors, std::move(files));
    }
  }

  fs::path folder_, subfolder_;
  std::map<WeightsKind, std::vector<std::string>> names_;
  std::vector<std::string> indexes_;
  size_t files_ = 0;
  std::set<std::string> indexed_, in_group_;
  std::vector<WeightSet> out_;
};

// `root` and folders in it, but for those whose names begin with a dot; sorted.
std::vector<fs::path> folders_of(const fs::path& root) {
  std::vector<fs::path> out{""};
  std::error_code failure;
  for (fs::recursive_directory_iterator at(root, kSkipDenied, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    if (!at->is_directory(ignored)) continue;
    if (at->path().filename().string().starts_with('.') || at->is_symlink(ignored)) {
      at.disable_recursion_pending();
      continue;
    }
    if (at.depth() + 1 >= kDepthMax) at.disable_recursion_pending();
    out.push_back(at->path().lexically_relative(root));
  }
  std::sort(out.begin(), out.end());
  if (out.size() > kSetFoldersMax) out.resize(kSetFoldersMax);
  return out;
}

}  // namespace

std::vector<WeightSet> weight_sets(const fs::path& folder) {
  std::vector<WeightSet> out;
  if (auto named = configured_set(folder); named && *named) out.push_back(**std::move(named));
  for (const fs::path& subfolder : folders_of(folder)) {
    for (WeightSet& set : FolderSets(folder, subfolder).take()) {
      const bool is_listed = std::any_of(out.begin(), out.end(), [&](const WeightSet& listed) {
        return listed.subfolder == set.subfolder && listed.index == set.index &&
               listed.files == set.files;
      });
      if (!is_listed && out.size() < kWeightSetsMax) out.push_back(std::move(set));
    }
  }
  return out;
}

Result<Contents> open_set(const fs::path& root, const WeightSet& set) {
  const fs::path folder = set.subfolder.empty() ? root : root / set.subfolder;
  switch (set.kind) {
    case WeightsKind::safetensors:
      return open_safetensors_files(folder, set.files);
    case WeightsKind::torch:
      return open_torch_files(folder, set.files);
    case WeightsKind::safetensors_index:
      return open_safetensors(folder / set.index, folder);
    case WeightsKind::torch_index:
      return open_torch(folder / set.index, folder);
    case WeightsKind::gguf:
      break;
  }
  return open_gguf(folder / set.files.front(), folder);
}

}  // namespace wmk::checkpoint
