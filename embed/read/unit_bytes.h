// The stored bytes of one block of units, and what is known of its coordinates.
//
// Lifetime: owns its bytes; reused from block to block. Thread-safety: belongs to one worker.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "checkpoint/layout/unit_block.h"
#include "embed/read/coordinate_memo.h"

namespace wmk::embed {

// Where the vectors of this kind are; the group has them.
const checkpoint::View& view_of(const checkpoint::UnitGroup& units, VectorKind kind);

// The norm weight that folds into the vectors of this kind; empty where there is none.
std::span<const float> norm_weight_of(const checkpoint::Anatomy& anatomy, size_t group,
                                      VectorKind kind);

struct UnitBytes {
  PerKind<checkpoint::RawBlock> raw;  // gate is empty where the FFN is not gated
  // Coordinates that are known, so that the bytes are not read; those that are to be kept.
  PerKind<std::shared_ptr<const BlockCoordinates>> known;
  PerKind<std::shared_ptr<BlockCoordinates>> kept;
  bool gated = true;
  size_t group = 0;

  // `stripe`: neighbouring blocks, this one among them, that are read one after the other. Their
  // columns are read together, since short parts of many rows cost more than the bytes.
  Status read(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
              const checkpoint::UnitBlock& block, const ScanMemo& memo = {},
              const checkpoint::UnitBlock* stripe = nullptr);
  // Hands over what was computed since read(), which had the same arguments.
  void keep(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
            const checkpoint::UnitBlock& block, const ScanMemo& memo);
  uint64_t units() const { return units_; }
  // Of this block, now or for the reading whose coordinates are known: the same for any memo.
  uint64_t bytes_read() const;
  bool has(VectorKind kind) const { return has_vector(kind, gated); }

 private:
  Status read_vectors(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                      const checkpoint::UnitBlock& block, VectorKind kind,
                      const checkpoint::UnitBlock* stripe);

  uint64_t units_ = 0;
  PerKind<uint64_t> stored_{};                            // bytes of the block
  PerKind<std::optional<checkpoint::UnitBlock>> held_{};  // whose vectors `raw` holds
};

}  // namespace wmk::embed
