// Orders that spread any first part of a model over its depth.
//
// Thread-safety: pure functions.
#pragma once

#include <cstddef>
#include <vector>

#include "checkpoint/layout/unit_block.h"

namespace wmk::embed {

// 0 to count - 1, by their reversed bits.
std::vector<size_t> spread_order(size_t count);

// All blocks: the first of every layer, layers in bit-reversed order, then the second of every
// layer, and so on.
std::vector<checkpoint::UnitBlock> scan_order(const checkpoint::Checkpoint& checkpoint,
                                              const checkpoint::Anatomy& anatomy,
                                              uint64_t block_bytes = checkpoint::kBlockBytes);

// The place of each group among the groups of the anatomy, by their first blocks in this order.
std::vector<size_t> places_of_groups(const std::vector<checkpoint::UnitBlock>& order,
                                     size_t groups);

}  // namespace wmk::embed
