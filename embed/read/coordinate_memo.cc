#include "embed/read/coordinate_memo.h"

#include <algorithm>

#include "crypto/blake2b.h"
#include "embed/read/unit_bytes.h"

namespace wmk::embed {

CoordinateMemo::Key CoordinateMemo::key_of(const checkpoint::Checkpoint& checkpoint,
                                           const checkpoint::Anatomy& anatomy,
                                           const checkpoint::UnitBlock& block, VectorKind kind,
                                           uint64_t frames) {
  // The norm weight is the suspect's, so no two may have one digest.
  std::array<uint64_t, 2> digest{};
  const auto norm_weight = norm_weight_of(anatomy, block.group, kind);
  if (!norm_weight.empty()) {
    crypto::blake2b({}, std::as_bytes(norm_weight), std::as_writable_bytes(std::span(digest)));
  }
  const checkpoint::View& view = view_of(anatomy.groups[block.group], kind);
  return {reinterpret_cast<uintptr_t>(&checkpoint),
          view.tensor,
          view.first,
          view.unit_stride,
          view.coordinate_stride,
          block.first,
          block.units,
          frames,
          digest[0],
          digest[1]};
}

std::shared_ptr<const BlockCoordinates> CoordinateMemo::find(const Key& key) const {
  const std::lock_guard held(mutex_);
  const auto found = kept_.find(key);
  return found == kept_.end() ? nullptr : found->second;
}

void CoordinateMemo::keep(const Key& key, std::shared_ptr<const BlockCoordinates> coordinates) {
  const std::lock_guard held(mutex_);
  const size_t bytes = coordinates->bytes();
  if (bytes_ + bytes > bytes_max_) return;
  if (kept_.emplace(key, std::move(coordinates)).second) bytes_ += bytes;
}

bool CoordinateMemo::has_block(const checkpoint::Checkpoint& checkpoint,
                               const checkpoint::Anatomy& anatomy,
                               const checkpoint::UnitBlock& block, uint64_t frames) const {
  const bool gated = anatomy.groups[block.group].gate.has_value();
  return std::all_of(kVectorKinds.begin(), kVectorKinds.end(), [&](VectorKind kind) {
    return !has_vector(kind, gated) ||
           find(key_of(checkpoint, anatomy, block, kind, frames)) != nullptr;
  });
}

bool CoordinateMemo::has_room() const {
  const std::lock_guard held(mutex_);
  return bytes_ < bytes_max_;
}

}  // namespace wmk::embed
