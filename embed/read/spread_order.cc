#include "embed/read/spread_order.h"

#include <algorithm>
#include <bit>
#include <map>
#include <utility>

namespace wmk::embed {

using checkpoint::UnitBlock;

namespace {

// Of a matrix, in one stripe.
constexpr uint64_t kStripeBytes = 4 * checkpoint::kBlockBytes;
constexpr size_t kFirstAnalysis = 64;  // after this part of the units: 1/64

}  // namespace

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

std::vector<size_t> analysis_ends(const std::vector<UnitBlock>& order, bool interim) {
  std::vector<size_t> ends;
  uint64_t total = 0;
  for (const UnitBlock& block : order) total += block.units;
  uint64_t read = 0;
  size_t parts = interim ? kFirstAnalysis : 1;
  for (size_t i = 0; i < order.size(); ++i) {
    read += order[i].units;
    if (read * parts < total) continue;
    ends.push_back(i + 1);
    while (parts > 1 && read * parts >= total) parts /= 2;
  }
  // The last analysis may have been counted above already.
  if (!order.empty() && (ends.empty() || ends.back() != order.size())) ends.push_back(order.size());
  return ends;
}

std::vector<size_t> analysis_ends(const std::vector<UnitBlock>& order,
                                  const std::vector<double>& parts) {
  std::vector<size_t> ends;
  uint64_t total = 0, read = 0;
  for (const UnitBlock& block : order) total += block.units;
  size_t next = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    read += order[i].units;
    const double part = static_cast<double>(read) / static_cast<double>(total);
    if (next == parts.size() || part < parts[next]) continue;
    ends.push_back(i + 1);
    while (next < parts.size() && part >= parts[next]) ++next;
  }
  if (!order.empty() && (ends.empty() || ends.back() != order.size())) ends.push_back(order.size());
  return ends;
}

std::vector<Stripe> stripes_of(const checkpoint::Checkpoint& checkpoint,
                               const checkpoint::Anatomy& anatomy, std::vector<UnitBlock> blocks,
                               unsigned threads) {
  constexpr size_t kStripesOfEach = 4;
  const size_t most = blocks.size() / (kStripesOfEach * std::max(1u, threads));
  std::ranges::sort(blocks, {},
                    [](const UnitBlock& each) { return std::pair(each.group, each.first); });
  std::vector<Stripe> out;
  for (const UnitBlock& block : blocks) {
    const uint64_t unit_bytes = checkpoint::vector_bytes(checkpoint, anatomy, block.group);
    const auto continues = [&](const Stripe& last) {
      return last.blocks.size() < most && last.whole.group == block.group &&
             last.whole.first + last.whole.units == block.first &&
             (last.whole.units + block.units) * unit_bytes <= kStripeBytes;
    };
    if (out.empty() || !continues(out.back())) {
      out.push_back({{block.group, block.first, 0}, {}});
    }
    out.back().whole.units += block.units;
    out.back().blocks.push_back(block);
  }
  return out;
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
