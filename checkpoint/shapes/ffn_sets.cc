#include "checkpoint/shapes/ffn_sets.h"

#include <algorithm>
#include <map>

#include "checkpoint/shapes/name_words.h"
#include "checkpoint/shapes/pairings.h"

namespace wmk::checkpoint {

namespace {

constexpr size_t kNumbersTried = 3;

using Size = std::pair<uint64_t, uint64_t>;  // slices, units
using SlotsBySize = std::map<Size, std::vector<Slot>>;
using SlotsByLayer = std::map<std::optional<uint64_t>, std::vector<Slot>>;

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
    return each.second.size() % size == 0 &&
           each.second.size() == layers.begin()->second.size();
  });
}

// By the first number in names that is a layer; else all together.
SlotsByLayer by_layer(const std::vector<Tensor>& tensors, const std::vector<Slot>& slots,
                      size_t size) {
  for (size_t place = 0; place < kNumbersTried; ++place) {
    SlotsByLayer layers = by_number(tensors, slots, place);
    if (layers.size() > 1 && is_by_layer(layers, size)) return layers;
  }
  return {{std::nullopt, slots}};
}

// Each way of pairing that holds for all layers.
FfnChoices choices_of(const SlotsByLayer& layers, FfnForm form, size_t size) {
  std::map<std::string, FfnSet> found;
  std::vector<std::string> order;
  for (const auto& [layer, slots] : layers) {
    for (Pairing& pairing : pairings(slots, size)) {
      const auto [at, is_new] = found.try_emplace(pairing.words, FfnSet{form, pairing.words, {}});
      if (is_new) order.push_back(pairing.words);
      for (auto& member : pairing.members) at->second.members.push_back({std::move(member), layer});
    }
  }
  size_t slots = 0;
  for (const auto& each : layers) slots += each.second.size();
  FfnChoices out;
  for (const std::string& words : order) {
    FfnSet& set = found.at(words);
    if (set.members.size() * size == slots) out.push_back(std::move(set));
  }
  return out;
}

struct Counts {
  size_t rows = 0, columns = 0;
  explicit Counts(const std::vector<Slot>& slots) {
    for (const Slot& slot : slots) ++(slot.in_rows() ? rows : columns);
  }
  bool are_three() const {
    if (rows == 0 || columns == 0) return (rows + columns) % 3 == 0;
    return rows == 2 * columns || columns == 2 * rows;
  }
  bool are_two() const { return rows == columns; }
};

// Both halves of a matrix of double size count as one slot of `units`.
FfnChoices fused_choices(const std::vector<Tensor>& tensors, const std::vector<Slot>& whole,
                         const std::vector<Slot>& single) {
  if (whole.size() != single.size()) return {};
  const SlotsByLayer wholes = by_layer(tensors, whole, 1), singles = by_layer(tensors, single, 1);
  FfnSet set{FfnForm::fused, "gate and up in one tensor", {}};
  if (wholes.size() != singles.size()) return {};
  auto other = singles.begin();
  for (const auto& [layer, slots] : wholes) {
    if (slots.size() != other->second.size()) return {};
    for (size_t i = 0; i < slots.size(); ++i) {
      Slot both = slots[i];
      both.units /= 2;
      set.members.push_back({{both, other->second[i]}, layer});
    }
    ++other;
  }
  return {std::move(set)};
}

}  // namespace

uint64_t FfnSet::weights() const {
  uint64_t out = 0;
  for (const FfnMember& member : members) {
    for (const Slot& slot : member.slots) out += slot.slices * slot.units;
  }
  return out;
}

bool FfnSet::is_certain() const {
  const std::vector<Slot>& slots = members[0].slots;
  return form == FfnForm::fused ||
         (form == FfnForm::three &&
          std::any_of(slots.begin(), slots.end(),
                      [&](const Slot& slot) { return slot.in_rows() != slots[0].in_rows(); }));
}

std::vector<FfnChoices> find_ffns(const std::vector<Tensor>& tensors, const ShapeReading& shapes,
                                  const std::vector<size_t>& order) {
  SlotsBySize sizes;
  for (const size_t i : order) {
    const Slot& slot = shapes.slots[i];
    sizes[{slot.slices, slot.units}].push_back(slot);
  }
  std::vector<FfnChoices> out;
  for (const auto& [size, slots] : sizes) {
    const Counts counts(slots);
    FfnChoices choices;
    if (counts.are_three()) {
      choices = choices_of(by_layer(tensors, slots, 3), FfnForm::three, 3);
    } else if (counts.are_two()) {
      choices = choices_of(by_layer(tensors, slots, 2), FfnForm::two, 2);
    }
    if (!choices.empty()) out.push_back(std::move(choices));
    const auto whole = sizes.find({size.first, 2 * size.second});
    if (whole == sizes.end()) continue;
    choices = fused_choices(tensors, whole->second, slots);
    if (!choices.empty()) out.push_back(std::move(choices));
  }
  std::stable_sort(out.begin(), out.end(), [](const FfnChoices& a, const FfnChoices& b) {
    if (a[0].is_certain() != b[0].is_certain()) return a[0].is_certain();
    return a[0].weights() > b[0].weights();
  });
  return out;
}

}  // namespace wmk::checkpoint
