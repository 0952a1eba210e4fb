// In which order and in which parts the neurons of a model are read: any first part is spread over
// its depth.
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

// After how many blocks the statistic is analysed: at 1/64, 1/32, ... 1/1 of all units, or only at
// the end unless `interim`.
std::vector<size_t> analysis_ends(const std::vector<checkpoint::UnitBlock>& order, bool interim);

// The same for chosen parts of all units, ascending; the last analysis is at the end.
std::vector<size_t> analysis_ends(const std::vector<checkpoint::UnitBlock>& order,
                                  const std::vector<double>& parts);

// Neighbouring blocks of an FFN, about 16 MiB of a matrix at most, that one worker reads.
struct Stripe {
  checkpoint::UnitBlock whole;
  std::vector<checkpoint::UnitBlock> blocks;
};
// These blocks, group by group, and none too long for all `threads` to have work.
std::vector<Stripe> stripes_of(const checkpoint::Checkpoint& checkpoint,
                               const checkpoint::Anatomy& anatomy,
                               std::vector<checkpoint::UnitBlock> blocks, unsigned threads);

// The place of each group among the groups of the anatomy, by their first blocks in this order.
std::vector<size_t> places_of_groups(const std::vector<checkpoint::UnitBlock>& order,
                                     size_t groups);

}  // namespace wmk::embed
