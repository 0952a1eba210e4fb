#include "checkpoint/shapes/ffn_sets.h"

#include <algorithm>
#include <map>

#include "checkpoint/shapes/directions.h"
#include "checkpoint/shapes/named_layers.h"
#include "checkpoint/shapes/pairings.h"

namespace wmk::checkpoint {

namespace {

// Sizes of matrices that are looked at.
constexpr size_t kSizesTried = 256;
// Matrices of one trained FFN have more (directions.h).
constexpr double kAligned = 2;

using Size = std::pair<uint64_t, uint64_t>;  // slices, units
using SlotsBySize = std::map<Size, std::vector<Slot>>;

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

// The matrices as their directions put them together: first where the weights deny the order.
void add_matched(const Checkpoint& checkpoint, const std::vector<Slot>& slots, uint64_t width,
                 FfnChoices& choices) {
  const Counts counts(slots);
  if (counts.rows == 0 || counts.columns == 0) return;
  if (!choices.empty() && alignment_of(checkpoint, choices[0], width) > kAligned) return;
  FfnSet matched = match_by_direction(checkpoint, slots, width);
  if (matched.members.empty()) return;
  const bool is_better = alignment_of(checkpoint, matched, width) > kAligned;
  choices.insert(is_better ? choices.begin() : choices.end(), std::move(matched));
}

// Matrices of one size, each of them whole.
FfnChoices choices_of_size(const Checkpoint& checkpoint, const std::vector<Slot>& slots,
                           uint64_t width) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  const Counts counts(slots);
  const bool is_square = slots[0].units == width;
  // Matrices of attention have the same size.
  if (!counts.are_three() || is_square) {
    const std::vector<Slot> named = threes_by_name(tensors, slots);
    FfnChoices choices = choices_of(by_layer(tensors, named, 3), FfnForm::three, 3);
    if (!choices.empty()) return choices;
  }
  if (counts.are_two()) return choices_of(by_layer(tensors, slots, 2), FfnForm::two, 2);
  FfnChoices choices;
  if (counts.are_three()) choices = choices_of(by_layer(tensors, slots, 3), FfnForm::three, 3);
  add_matched(checkpoint, slots, width, choices);
  return choices;
}

std::vector<Size> heaviest(const SlotsBySize& sizes) {
  std::vector<std::pair<double, Size>> ranked;
  for (const auto& [size, slots] : sizes) {
    const double vectors = static_cast<double>(size.first) * static_cast<double>(size.second);
    ranked.emplace_back(-vectors * static_cast<double>(slots.size()), size);
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<Size> out;
  for (size_t i = 0; i < std::min(ranked.size(), kSizesTried); ++i) out.push_back(ranked[i].second);
  return out;
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
         (form == FfnForm::three && std::any_of(slots.begin(), slots.end(), [&](const Slot& slot) {
            return slot.in_rows() != slots[0].in_rows();
          }));
}

std::vector<FfnChoices> find_ffns(const Checkpoint& checkpoint, const ShapeReading& shapes,
                                  const std::vector<size_t>& order) {
  const std::vector<Tensor>& tensors = checkpoint.tensors();
  SlotsBySize sizes;
  for (const size_t i : order) {
    const Slot& slot = shapes.slots[i];
    sizes[{slot.slices, slot.units}].push_back(slot);
  }
  std::vector<FfnChoices> out;
  for (const Size& size : heaviest(sizes)) {
    const std::vector<Slot>& slots = sizes.at(size);
    FfnChoices choices = choices_of_size(checkpoint, slots, shapes.width);
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
