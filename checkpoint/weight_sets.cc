#include "checkpoint/weight_sets.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "checkpoint/files/shard_index.h"
#include "checkpoint/files/shard_set.h"
#include "checkpoint/gguf/part_name.h"
#include "checkpoint/model_folder.h"

namespace wmk::checkpoint {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kTorchSuffixes = {".bin", ".pt", ".pth"};
constexpr size_t kSubfoldersMax = 64;

// The sets of one folder.
class FolderSets {
 public:
  // `prefix`: of the folder's name in words; `home`: where the config is, if not in this folder.
  FolderSets(fs::path folder, std::string prefix, fs::path home)
      : folder_(std::move(folder)), prefix_(std::move(prefix)), home_(std::move(home)) {
    const auto names = list_files(folder_, "");
    for (const std::string& name : names ? *names : std::vector<std::string>()) {
      // Checkpoint::open would follow the link of a file that is named.
      if (check_readable(folder_, folder_ / name)) names_.push_back(name);
    }
  }

  std::vector<WeightSet> list() {
    add_usual("model.safetensors");
    add_indexes(kSafetensorsIndexSuffix);
    add_safetensors();
    add_usual("pytorch_model.bin");
    add_indexes(kTorchIndexSuffix);
    for (const std::string_view suffix : kTorchSuffixes) add_torch(suffix);
    add_gguf();
    return std::move(sets_);
  }

 private:
  void add(const std::string& name) {
    sets_.push_back(
        {cat("weights of '", escaped(prefix_ + name), "'"), folder_ / name, {home_, {}}});
    covered_.insert(name);
  }

  void add_usual(const std::string& name) {
    if (std::binary_search(names_.begin(), names_.end(), name)) add(name);
  }

  void add_indexes(std::string_view suffix) {
    const std::string_view ending = suffix.substr(0, suffix.find(".index"));
    for (const std::string& name : names_) {
      if (!name.ends_with(suffix)) continue;
      add(name);
      auto text = read_text(folder_ / name, kIndexBytesMax);
      if (!text) continue;
      const auto index = parse_shard_index(*std::move(text), ending);
      if (!index) continue;
      for (const Shard& shard : index->shards) covered_.insert(shard.file);
    }
  }

  std::vector<std::string> uncovered(std::string_view suffix) const {
    std::vector<std::string> out;
    for (const std::string& name : names_) {
      if (name.ends_with(suffix) && !covered_.contains(name)) out.push_back(name);
    }
    return out;
  }

  // Sets of shards; files that belong to none together, and each alone.
  void add_safetensors() {
    std::vector<std::string> names = uncovered(kSafetensorsSuffix);
    while (!names.empty() && sets_.size() < kWeightSetsMax) {
      const ShardSet set = choose_shard_set(names, kSafetensorsSuffix);
      const std::string first = escaped(prefix_ + set.files.front());
      if (set.files.size() > 1) {
        sets_.push_back({cat("weights of '", first, "' and ", set.files.size() - 1, " more"),
                         folder_,
                         {home_, set.files}});
      }
      const bool is_split = first.find("-of-") != first.npos;
      for (const std::string& name : set.files) {
        if (set.files.size() == 1 || !is_split) add(name);
      }
      names = set.others;
    }
  }

  void add_torch(std::string_view suffix) {
    for (const std::string& name : uncovered(suffix)) {
      if (is_torch_file(folder_ / name)) add(name);
    }
  }

  void add_gguf() {
    for (const std::string& name : uncovered(kGgufSuffix)) {
      const auto part = gguf_part_name(name);
      if (!part || part->number == 1) add(name);
    }
  }

  fs::path folder_;
  std::string prefix_;
  fs::path home_;
  std::vector<std::string> names_;  // sorted
  std::set<std::string> covered_;
  std::vector<WeightSet> sets_;
};

std::vector<std::string> subfolders(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failure;
  for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
       at.increment(failure)) {
    std::error_code ignored;
    std::string name = at->path().filename().string();
    // A linked folder may lead anywhere.
    if (name.starts_with('.') || at->is_symlink(ignored) || !at->is_directory(ignored)) continue;
    if (out.size() < kSubfoldersMax) out.push_back(std::move(name));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<WeightSet> weight_sets(const fs::path& folder) {
  auto out = FolderSets(folder, "", {}).list();
  for (const std::string& name : subfolders(folder)) {
    std::error_code ignored;
    const bool has_config = fs::exists(folder / name / "config.json", ignored);
    auto more = FolderSets(folder / name, name + "/", has_config ? fs::path() : folder).list();
    std::move(more.begin(), more.end(), std::back_inserter(out));
  }
  if (out.size() > kWeightSetsMax) out.resize(kWeightSetsMax);
  return out;
}

}  // namespace wmk::checkpoint
