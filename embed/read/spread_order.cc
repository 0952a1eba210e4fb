#include "embed/read/spread_order.h"

#include <algorithm>
#include <bit>
#include <map>

namespace wmk::embed {

using checkpoint::UnitBlock;

std::vector<size_t> spread_order(size_t count) {
  std::vector<size_t> out;
  if (count == 0) return out;
  const unsigned bits = std::bit_width(count - 1);
  for (size_t i = 0; i < size_t{1} << bits; ++i) {
    size_t layer = 0;
    for (unsigned b = 0; b < bits; ++b) layer |= (i >> b & 1) << (bits - 1 - b);
    if (layer < count) out.push_back(layer);
  }
  return out;
}

std::vector<UnitBlock> scan_order(const checkpoint::Checkpoint& checkpoint,
                                  const checkpoint::Anatomy& anatomy, uint64_t block_bytes) {
  std::map<uint64_t, std::vector<UnitBlock>> by_layer;
  for (size_t group = 0; group < anatomy.groups.size(); ++group) {
    const auto blocks = checkpoint::blocks_of(checkpoint, anatomy, group, block_bytes);
    auto& layer = by_layer[anatomy.groups[group].layer];
    layer.insert(layer.end(), blocks.begin(), blocks.end());
  }
  std::vector<const std::vector<UnitBlock>*> layers;
  size_t rounds = 0;
  for (const auto& [number, blocks] : by_layer) {
    layers.push_back(&blocks);
    rounds = std::max(rounds, blocks.size());
  }
  const std::vector<size_t> spread = spread_order(layers.size());
  std::vector<UnitBlock> order;
  for (size_t round = 0; round < rounds; ++round) {
    for (const size_t layer : spread) {
      if (round < layers[layer]->size()) order.push_back((*layers[layer])[round]);
    }
  }
  return order;
}

std::vector<size_t> places_of_groups(const std::vector<UnitBlock>& order, size_t groups) {
  std::vector<size_t> out(groups, groups);
  size_t next = 0;
  for (const UnitBlock& block : order) {
    if (out[block.group] == groups) out[block.group] = next++;
  }
  return out;
}

}  // namespace wmk::embed
