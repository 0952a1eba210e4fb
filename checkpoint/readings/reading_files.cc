// Which files a reading opens, and how it reads their numbers.
#include <algorithm>

#include "base/text.h"
#include "checkpoint/readings/reading_maker.h"

namespace wmk::checkpoint {

const Change* change_of(const std::vector<Change>& changes, Axis axis) {
  const auto found = std::find_if(changes.begin(), changes.end(),
                                  [&](const Change& change) { return change.axis == axis; });
  return found == changes.end() ? nullptr : &*found;
}

Error not_possible(const Change& change) {
  return Error(ErrorCode::invalid_argument, cat("this model has no reading '", change.words, "'"));
}

Result<ReadingMaker::Files*> ReadingMaker::open_files(const std::vector<Change>& changes) {
  const Change *files = change_of(changes, Axis::files),
               *numbers = change_of(changes, Axis::numbers);
  const std::string key = cat(files ? files->words : "", "\n", numbers ? numbers->words : "");
  const auto known = files_.find(key);
  if (known != files_.end()) return &known->second;
  OpenOptions options;
  if (files != nullptr) {
    auto set = set_of(*files);
    if (!set) return std::move(set).error();
    options.set = *std::move(set);
  }
  if (numbers != nullptr) {
    auto usual = open_files(files ? std::vector{*files} : std::vector<Change>());
    if (!usual) return std::move(usual).error();
    const auto variants = numbers_variants(*(*usual)->checkpoint);
    const auto wanted = std::find_if(variants.begin(), variants.end(), [&](const auto& variant) {
      return variant.words == numbers->words;
    });
    if (wanted == variants.end()) return not_possible(*numbers);
    options.numbers = wanted->numbers;
  }
  auto opened = source_.base.empty() ? Checkpoint::open(source_.path, options)
                                     : Checkpoint::open_merged(source_.path, source_.base);
  if (!opened) return std::move(opened).error();
  auto checkpoint = std::make_shared<const Checkpoint>(*std::move(opened));
  auto config = read_config(*checkpoint);
  return &files_.emplace(key, Files{std::move(checkpoint), std::move(config)}).first->second;
}

Result<WeightSet> ReadingMaker::set_of(const Change& change) {
  for (WeightSet& set : weight_sets(source_.path)) {
    if (set.words == change.words) return std::move(set);
  }
  return not_possible(change);
}

// `checkpoint`: null if the declared files cannot be opened.
void ReadingMaker::add_files_and_numbers(const Checkpoint* checkpoint, Axis axis,
                                         std::vector<Change>& out) const {
  std::error_code ignored;
  if (!source_.base.empty() || !std::filesystem::is_directory(source_.path, ignored)) return;
  if (axis == Axis::files) {
    const auto sets = checkpoint ? other_weight_sets(*checkpoint) : weight_sets(source_.path);
    for (const WeightSet& set : sets) out.push_back({axis, set.words});
  } else if (checkpoint != nullptr) {
    for (const NumbersVariant& variant : numbers_variants(*checkpoint)) {
      out.push_back({axis, variant.words});
    }
  }
}

}  // namespace wmk::checkpoint
