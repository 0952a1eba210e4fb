#include "checkpoint/readings/suspect_files.h"

#include <algorithm>

#include "base/text.h"

namespace wmk::checkpoint {

namespace fs = std::filesystem;

namespace {

fs::path weights_folder(const Checkpoint& checkpoint) {
  std::error_code ignored;
  const fs::path& path = checkpoint.path();
  return fs::is_directory(path, ignored) ? path : path.parent_path();
}

bool are_same_files(const Checkpoint& a, const Checkpoint& b) {
  const auto is_same = [](const ReadFile& x, const ReadFile& y) { return x.name() == y.name(); };
  return weights_folder(a) == weights_folder(b) &&
         std::equal(a.files().begin(), a.files().end(), b.files().begin(), b.files().end(),
                    is_same);
}

}  // namespace

const std::vector<WeightSet>& SuspectFiles::sets() {
  if (sets_) return *sets_;
  std::error_code ignored;
  const bool is_folder = fs::is_directory(path_, ignored);
  sets_ = is_folder && base_.empty() ? weight_sets(path_) : std::vector<WeightSet>();
  return *sets_;
}

std::vector<std::string> SuspectFiles::words() {
  std::vector<std::string> out;
  for (const WeightSet& set : sets()) out.push_back(set.words);
  return out;
}

Result<Checkpoint> SuspectFiles::open_checkpoint(const std::string* words) {
  if (words == nullptr) {
    return base_.empty() ? Checkpoint::open(path_) : Checkpoint::open_merged(path_, base_);
  }
  for (const WeightSet& set : sets()) {
    if (set.words == *words) return Checkpoint::open(set.path, set.options);
  }
  return Error(ErrorCode::invalid_argument, cat("this model has no ", *words));
}

Result<SuspectSet*> SuspectFiles::open(const std::string* words) {
  const std::string key = words != nullptr ? *words : "";
  const auto known = opened_.find(key);
  if (known != opened_.end()) return known->second.get();
  auto checkpoint = open_checkpoint(words);
  if (!checkpoint) return std::move(checkpoint).error();
  for (const auto& [other_words, other] : opened_) {
    if (!are_same_files(*other->checkpoint, *checkpoint)) continue;
    const auto same = other;
    return opened_.emplace(key, same).first->second.get();
  }
  auto config = read_config(*checkpoint);
  auto made = std::make_shared<SuspectSet>(
      SuspectSet{std::make_shared<const Checkpoint>(*std::move(checkpoint)), std::move(config)});
  return opened_.emplace(key, std::move(made)).first->second.get();
}

}  // namespace wmk::checkpoint
