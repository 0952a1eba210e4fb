#include "embed/read/head_scan.h"

#include <algorithm>
#include <cmath>

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
  const std::span<const size_t> layers(&order_[position_], end - position_);
  position_ = end;
  return read_heads(reader_, layers, threads, progress, sketches_);
}

}  // namespace wmk::embed
