#include "embed/read/head_scan.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "embed/read/sketch_sums.h"
#include "embed/read/spread_order.h"

namespace wmk::embed {

uint64_t head_bytes(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy) {
  uint64_t sum = 0;
  for (const auto& layer : anatomy.heads.layers) {
    const auto& tensor = checkpoint.tensors()[layer.v.tensor];
    sum += layer.vectors() * anatomy.width * checkpoint::bits(tensor.dtype) / 8;
  }
  return sum;
}

HeadScan::HeadScan(const checkpoint::Checkpoint& checkpoint, const checkpoint::Anatomy& anatomy,
                   const std::vector<Structure>& structures)
    : reader_(checkpoint, anatomy, structures),
      order_(spread_order(anatomy.heads.layers.size())),
      sketches_(structures) {}

Status HeadScan::advance(double part, unsigned threads, Progress* progress) {
  const auto wanted = static_cast<size_t>(std::ceil(part * static_cast<double>(order_.size())));
  const size_t end = std::min(order_.size(), wanted);
  if (end <= position_) return {};
  const ScanParts segment = parts_.named(cat(", layers ", position_, "-", end));
  if (take(segment, end, progress)) return {};
  if (Status status = parts_.status(); !status) return status;
  const uint64_t blocks = end - position_;
  std::vector<size_t> layers;
  for (; position_ < end; ++position_) {
    if (parts_.reads(position_)) layers.push_back(order_[position_]);
  }
  if (parts_.sums == nullptr) return read_heads(reader_, layers, threads, progress, sketches_);
  HeadSketchSet read(reader_.structures());
  Status status = read_heads(reader_, layers, threads, progress, read);
  ScanSum own{.blocks = layers.size()};
  if (own.blocks > 0) own.plain = SketchNumbers::of(read);
  auto all = segment.sums->hand_over(
      segment.name, status ? Result(std::move(own)) : std::move(status).error(), blocks);
  if (!all) return std::move(all).error();
  if (all->blocks == 0) return {};
  if (!all->plain || !SketchNumbers::add(*all->plain, sketches_)) {
    return malformed(cat(segment.name, ": sums of another size"));
  }
  if (progress) progress->advance(all->plain->counts[1] - read.bytes);
  return {};
}

// The sums of all parts up to there, in place of the weights.
bool HeadScan::take(const ScanParts& segment, size_t end, Progress* progress) {
  if (!segment.are_merged()) return false;
  const ScanSum* found = segment.sums->find(segment.name, end - position_);
  if (found == nullptr) return false;
  if (!found->plain || !SketchNumbers::add(*found->plain, sketches_)) {
    segment.sums->refuse(segment.name, "its sums are of another size");
    return false;
  }
  if (progress) progress->advance(found->plain->counts[1]);
  position_ = end;
  return true;
}

}  // namespace wmk::embed
