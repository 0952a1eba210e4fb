#include "checkpoint/shapes/named_layers.h"

#include <algorithm>
#include <string_view>

#include "checkpoint/shapes/name_words.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kNumbersTried = 3;
constexpr size_t kStemWords = 3;

// The slots by the number at `place` of their names; empty: some have none.
SlotsByLayer by_number(const std::vector<Tensor>& tensors, const std::vector<Slot>& slots,
                       size_t place) {
  SlotsByLayer out;
  for (const Slot& slot : slots) {
    const std::vector<uint64_t> numbers = numbers_in(tensors[slot.tensor].name);
    if (numbers.size() <= place) return {};
    out[numbers[place]].push_back(slot);
  }
  return out;
}

// Every layer has the same number of slots, more than one.
bool is_by_layer(const SlotsByLayer& layers, size_t size) {
  return !layers.empty() && std::all_of(layers.begin(), layers.end(), [&](const auto& each) {
    return each.second.size() % size == 0 && each.second.size() == layers.begin()->second.size();
  });
}

// The name without its last `count` words (".weight" counts as none).
std::string_view stem_of(std::string_view name, size_t count) {
  if (name.ends_with("weight") && name.size() > 7) name.remove_suffix(7);
  for (; count > 0 && !name.empty(); --count) {
    size_t end = name.size();
    while (end > 0 && !is_separator(name[end - 1])) --end;
    name = name.substr(0, end == 0 ? 0 : end - 1);
  }
  return name;
}

}  // namespace

SlotsByLayer by_layer(const std::vector<Tensor>& tensors, const std::vector<Slot>& slots,
                      size_t size) {
  for (size_t place = 0; place < kNumbersTried; ++place) {
    SlotsByLayer layers = by_number(tensors, slots, place);
    if (layers.size() > 1 && is_by_layer(layers, size)) return layers;
  }
  return {{std::nullopt, slots}};
}

std::vector<Slot> threes_by_name(const std::vector<Tensor>& tensors,
                                 const std::vector<Slot>& slots) {
  for (size_t words = 1; words <= kStemWords; ++words) {
    std::map<std::string_view, size_t> counts;
    for (const Slot& slot : slots) ++counts[stem_of(tensors[slot.tensor].name, words)];
    std::vector<Slot> out;
    for (const Slot& slot : slots) {
      const std::string_view stem = stem_of(tensors[slot.tensor].name, words);
      if (!stem.empty() && counts.at(stem) == 3) out.push_back(slot);
    }
    if (!out.empty()) return out;
  }
  return {};
}

}  // namespace wmk::checkpoint
