#include "embed/mark/stripe_writer.h"

#include <algorithm>

namespace wmk::embed {

using checkpoint::RawBlock;
using checkpoint::UnitBlock;

StripeWriter::StripeWriter(const checkpoint::Checkpoint& checkpoint,
                           const checkpoint::Anatomy& anatomy, std::span<const UnitBlock> blocks,
                           const checkpoint::CheckpointCopy& copy, uint64_t stripe_bytes)
    : checkpoint_(checkpoint), anatomy_(anatomy), blocks_(blocks), copy_(copy) {
  uint64_t bytes = 0;
  for (const UnitBlock& block : blocks) {
    const uint64_t block_bytes =
        block.units * checkpoint::vector_bytes(checkpoint, anatomy, block.group);
    if (stripes_.empty() || block.first == 0 || bytes + block_bytes > stripe_bytes) {
      stripes_.push_back(std::make_unique<Stripe>());
      stripes_.back()->first = block.first;
      bytes = 0;
    }
    Stripe& stripe = *stripes_.back();
    stripe.units = block.first + block.units - stripe.first;
    ++stripe.blocks;
    bytes += block_bytes;
    stripe_of_.push_back(&stripe);
  }
}

Status StripeWriter::write(size_t index, const UnitBytes& bytes) {
  const UnitBlock& block = blocks_[index];
  const bool last = block.first + block.units == anatomy_.groups[block.group].units;
  Stripe& stripe = *stripe_of_[index];
  for (VectorKind kind : kVectorKinds) {
    if (!bytes.has(kind)) continue;
    const RawBlock& raw = bytes.raw[kind];
    Status status =
        stripe.blocks > 1 && raw.is_columns() ? write(stripe, kind, raw) : put(raw, last);
    if (!status) return status;
  }
  return {};
}

// Columns of a stripe are pasted by any worker; the one that completes it writes it.
Status StripeWriter::write(Stripe& stripe, VectorKind kind, const RawBlock& part) {
  RawBlock& gathered = stripe.gathered[kind];
  {
    const std::lock_guard lock(stripe.mutex);
    if (gathered.units() == 0) {
      gathered = take_spare();
      gathered.make_room(part, stripe.first, stripe.units);
    }
  }
  gathered.paste(part);
  {
    const std::lock_guard lock(stripe.mutex);
    if (++stripe.pasted[kind] < stripe.blocks) return {};
  }
  Status status = put(gathered, true);
  const std::lock_guard lock(spare_mutex_);
  spare_.push_back(std::move(gathered));
  return status;
}

// Memory that was used before needs neither clearing nor new pages.
RawBlock StripeWriter::take_spare() {
  const std::lock_guard lock(spare_mutex_);
  if (spare_.empty()) return {};
  RawBlock out = std::move(spare_.back());
  spare_.pop_back();
  return out;
}

Status StripeWriter::put(const RawBlock& rows, bool last_of_group) {
  const checkpoint::Tensor& tensor = checkpoint_.tensors()[rows.tensor()];
  const WriteFile& file = copy_.file(tensor.file);
  Status status = rows.write(checkpoint_, file);
  if (!status) return status;
  // What is not contiguous shares pages with its neighbours: the last one syncs them all.
  if (rows.is_one_run()) {
    file.begin_sync(tensor.offset + rows.file_offset(), rows.bytes_read());
  } else if (last_of_group) {
    file.begin_sync(tensor.offset, tensor.bytes);
  }
  return {};
}

}  // namespace wmk::embed
