#include "embed/read/unit_bytes.h"

#include "base/text.h"

namespace wmk::embed {

using checkpoint::Anatomy;
using checkpoint::UnitGroup;

const checkpoint::View& view_of(const UnitGroup& units, VectorKind kind) {
  if (kind == VectorKind::gate) return *units.gate;
  return kind == VectorKind::up ? units.up : units.down;
}

Status UnitBytes::read_vectors(const checkpoint::Checkpoint& checkpoint, const Anatomy& anatomy,
                               const checkpoint::UnitBlock& block, VectorKind kind,
                               const checkpoint::UnitBlock* stripe) {
  const checkpoint::View& view = view_of(anatomy.groups[block.group], kind);
  checkpoint::RawBlock& to = raw[kind];
  const bool is_striped = stripe != nullptr && checkpoint::are_columns(view, anatomy.width);
  const checkpoint::UnitBlock& part = is_striped ? *stripe : block;
  if (!is_striped || held_[kind] != part) {
    held_[kind].reset();
    Status status = to.read(checkpoint, view, anatomy.width, part.first, part.units);
    if (!status) return status;
    held_[kind] = part;
  }
  to.begin_at(block.first);
  stored_[kind] = to.bytes_read() * block.units / part.units;
  return {};
}

Status UnitBytes::read(const checkpoint::Checkpoint& checkpoint, const Anatomy& anatomy,
                       const checkpoint::UnitBlock& block, const ScanMemo& memo,
                       const checkpoint::UnitBlock* stripe) {
  const UnitGroup& units = anatomy.groups[block.group];
  group = block.group;
  gated = units.gate.has_value();
  units_ = block.units;
  for (VectorKind kind : kVectorKinds) {
    known[kind] = nullptr;
    kept[kind] = nullptr;
    if (!has(kind)) continue;
    if (memo.memo != nullptr) {
      known[kind] =
          memo.memo->find(CoordinateMemo::key_of(checkpoint, anatomy, block, kind, memo.frames));
      if (known[kind]) continue;
      if (memo.memo->has_room()) kept[kind] = std::make_shared<BlockCoordinates>();
    }
    Status status = read_vectors(checkpoint, anatomy, block, kind, stripe);
    if (!status) {
      const auto& tensor = checkpoint.tensors()[view_of(units, kind).tensor];
      return std::move(status).error().within(cat("tensor '", escaped(tensor.name), "'"));
    }
  }
  return {};
}

void UnitBytes::keep(const checkpoint::Checkpoint& checkpoint, const Anatomy& anatomy,
                     const checkpoint::UnitBlock& block, const ScanMemo& memo) {
  for (VectorKind kind : kVectorKinds) {
    if (!kept[kind]) continue;
    kept[kind]->stored = stored_[kind];
    memo.memo->keep(CoordinateMemo::key_of(checkpoint, anatomy, block, kind, memo.frames),
                    std::move(kept[kind]));
  }
}

uint64_t UnitBytes::bytes_read() const {
  uint64_t sum = 0;
  for (VectorKind kind : kVectorKinds) {
    if (has(kind)) sum += known[kind] ? known[kind]->stored : stored_[kind];
  }
  return sum;
}

std::span<const float> norm_weight_of(const Anatomy& anatomy, size_t group, VectorKind kind) {
  const UnitGroup& units = anatomy.groups[group];
  const auto& index = kind == VectorKind::down ? units.out_norm : units.in_norm;
  if (!index) return {};
  return anatomy.norm_weights[*index];
}

}  // namespace wmk::embed
