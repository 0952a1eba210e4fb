// Writes marked blocks to the files of a copy, in long runs.
//
// Purpose: a down projection is stored by coordinates, so a block of neurons is a few kilobytes of
// each of its rows, and thousands of such writes cost more than the marking itself. They are
// gathered until a stripe of neighbouring blocks is complete. Lifetime: one pass over the blocks;
// it refers to them. A stripe's memory, at most kStripeBytes or one block, is used again for a
// later one when it is written. Thread-safety: write() may run concurrently, once for each block
// and kind.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "checkpoint/write/copy.h"
#include "embed/read/unit_bytes.h"

namespace wmk::embed {

inline constexpr uint64_t kStripeBytes = 64ull << 20;

class StripeWriter {
 public:
  // `blocks`: all that will be written, in order, group by group.
  StripeWriter(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
               std::span<const checkpoint::UnitBlock> blocks,
               const checkpoint::CheckpointCopy& copy, uint64_t stripe_bytes = kStripeBytes);

  // Block number `index`. What it completes has been handed to the system when this returns.
  Status write(size_t index, const UnitBytes& bytes);

 private:
  struct Stripe {
    uint64_t first, units;  // of the group
    size_t blocks;
    std::mutex mutex;
    PerKind<checkpoint::RawBlock> gathered;
    PerKind<size_t> pasted{};
  };
  Status write(Stripe& stripe, VectorKind kind, const checkpoint::RawBlock& part);
  Status put(const checkpoint::RawBlock& rows, bool last_of_group);
  checkpoint::RawBlock take_spare();

  const checkpoint::Checkpoint& checkpoint_;
  const checkpoint::Anatomy& anatomy_;
  std::span<const checkpoint::UnitBlock> blocks_;
  const checkpoint::CheckpointCopy& copy_;
  std::vector<std::unique_ptr<Stripe>> stripes_;
  std::vector<Stripe*> stripe_of_;  // by block
  std::mutex spare_mutex_;
  std::vector<checkpoint::RawBlock> spare_;  // written, their memory is free
};

}  // namespace wmk::embed
