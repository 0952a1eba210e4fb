#include "checkpoint/shapes/layout_variants.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/text.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

namespace {

constexpr uint64_t kRanks[] = {2, 4, 8};

// How gate and up lie in one tensor.
struct Fused {
  uint64_t first = 0;   // element where both begin
  uint64_t stride = 0;  // from one stored vector to the next
  bool interleaved = false;
  bool up_first = false;
};

std::optional<Fused> fused_form(const UnitGroup& group) {
  if (!group.gate || group.gate->tensor != group.up.tensor || group.units < 2) return std::nullopt;
  const uint64_t low = std::min(group.gate->first, group.up.first);
  const uint64_t distance = std::max(group.gate->first, group.up.first) - low;
  Fused out{.first = low, .stride = group.up.unit_stride, .up_first = group.up.first == low};
  if (2 * distance == group.up.unit_stride) {
    out.interleaved = true;
    out.stride = distance;
    return out;
  }
  if (distance != group.units * group.up.unit_stride) return std::nullopt;
  return out;
}

// Gate and up of units [begin, begin + group.units) of a fused tensor.
void place(const Fused& form, uint64_t begin, uint64_t distance, uint64_t step, UnitGroup& group) {
  const uint64_t low = form.first + 2 * begin * form.stride;
  const uint64_t high = low + distance;
  group.gate->first = form.up_first ? high : low;
  group.up.first = form.up_first ? low : high;
  group.gate->unit_stride = step;
  group.up.unit_stride = step;
}

using GroupChange = std::function<void(const UnitGroup&, std::vector<UnitGroup>&)>;

// `change` appends what a group becomes. None: nothing changed.
std::optional<AnatomyVariant> changed(const Anatomy& anatomy, std::string words,
                                      const GroupChange& change) {
  AnatomyVariant out{std::move(words), anatomy};
  out.anatomy.groups.clear();
  for (const UnitGroup& group : anatomy.groups) {
    if (out.anatomy.groups.size() >= kGroupsMax) return std::nullopt;
    change(group, out.anatomy.groups);
  }
  if (same_reading(anatomy, out.anatomy)) return std::nullopt;
  return out;
}

void with_other_halves(const UnitGroup& group, std::vector<UnitGroup>& to) {
  to.push_back(group);
  const auto form = fused_form(group);
  if (!form) return;
  if (form->interleaved) {
    place(*form, 0, group.units * form->stride, form->stride, to.back());
  } else {
    place(*form, 0, form->stride, 2 * form->stride, to.back());
  }
}

void in_blocks(uint64_t ranks, const UnitGroup& group, std::vector<UnitGroup>& to) {
  const auto form = fused_form(group);
  if (!form || group.units % ranks != 0 || group.units == ranks) {
    to.push_back(group);
    return;
  }
  const uint64_t units = group.units / ranks;
  for (uint64_t rank = 0; rank < ranks; ++rank) {
    UnitGroup block = group;
    block.units = units;
    block.part += cat(block.part.empty() ? "" : " ", "block ", rank);
    place(*form, rank * units, units * form->stride, form->stride, block);
    block.down.first += rank * units * group.down.unit_stride;
    to.push_back(std::move(block));
  }
}

// Whether the matrices of a tensor are square.
bool is_square(const Checkpoint& checkpoint, const View& view, uint64_t width) {
  const auto& shape = checkpoint.tensors()[view.tensor].shape;
  return shape.size() >= 2 && shape.back() == width && shape[shape.size() - 2] == width;
}

void transpose(const Checkpoint& checkpoint, uint64_t width, View& view) {
  if (!is_square(checkpoint, view, width)) return;
  const uint64_t matrix = width * width, inside = view.first % matrix;
  view.first += (inside % width) * width + inside / width - inside;
  for (uint64_t* stride : {&view.unit_stride, &view.coordinate_stride}) {
    *stride = *stride % width == 0 ? *stride / width : *stride * width;
  }
}

}  // namespace

std::vector<AnatomyVariant> layout_variants(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  std::vector<AnatomyVariant> out;
  const auto add = [&](std::string words, const GroupChange& change) {
    if (auto variant = changed(anatomy, std::move(words), change)) {
      add_variant(out, *std::move(variant));
    }
  };
  const auto form = anatomy.groups.empty() ? std::nullopt : fused_form(anatomy.groups[0]);
  add(form && form->interleaved ? "gate and up as halves" : "gate and up interleaved",
      with_other_halves);
  const auto turned = [&](bool rows, bool down) {
    return [&checkpoint, width = anatomy.width, rows, down](const UnitGroup& group,
                                                            std::vector<UnitGroup>& to) {
      to.push_back(group);
      if (rows && group.gate) transpose(checkpoint, width, *to.back().gate);
      if (rows) transpose(checkpoint, width, to.back().up);
      if (down) transpose(checkpoint, width, to.back().down);
    };
  };
  add("square matrices transposed", turned(true, true));
  add("square down matrices transposed", turned(false, true));
  add("square gate and up matrices transposed", turned(true, false));
  for (const uint64_t ranks : kRanks) {
    add(cat("gate and up in ", ranks, " blocks"),
        [ranks](const UnitGroup& group, std::vector<UnitGroup>& to) {
          in_blocks(ranks, group, to);
        });
  }
  return out;
}

}  // namespace wmk::checkpoint
