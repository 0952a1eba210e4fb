#include "embed/read/scan.h"

#include <algorithm>
#include <map>

#include "base/parallel.h"
#include "embed/read/spread_order.h"

namespace wmk::embed {

namespace {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;
using checkpoint::UnitBlock;

constexpr size_t kFirstAnalysis = 64;  // after this part of the units: 1/64

}  // namespace

std::vector<UnitBlock> scan_order(const Checkpoint& checkpoint, const Anatomy& anatomy,
                                  uint64_t block_bytes) {
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

uint64_t weight_bytes(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  uint64_t sum = 0;
  for (const auto& group : anatomy.groups) {
    const auto& tensor = checkpoint.tensors()[group.up.tensor];
    const uint64_t vector_bytes = anatomy.width * checkpoint::bits(tensor.dtype) / 8;
    sum += group.units * vector_bytes * (group.gate ? 3 : 2);
  }
  return sum;
}

Scan::Scan(const Checkpoint& checkpoint, const Anatomy& anatomy,
           const std::vector<Structure>& structures, std::vector<UnitBlock> order, bool interim)
    : Scan(checkpoint, anatomy, structures, order, analysis_ends(order, interim), false) {}

Scan::Scan(const Checkpoint& checkpoint, const Anatomy& anatomy,
           const std::vector<Structure>& structures, std::vector<UnitBlock> order,
           std::vector<size_t> ends, bool exchanges, ScanMemo memo)
    : checkpoint_(checkpoint),
      anatomy_(anatomy),
      projector_(anatomy, structures),
      order_(std::move(order)),
      analysis_ends_(std::move(ends)),
      sketches_(structures),
      memo_(memo) {
  if (exchanges) exchanged_.emplace(structures);
}

void Scan::read_hard_only() {
  sketches_.hard_only = true;
  if (exchanged_) exchanged_->hard_only = true;
}

Status Scan::advance(unsigned threads, Progress* progress) {
  struct Worker {
    UnitBytes bytes;
    SketchWorker sketcher;
  };
  const size_t begin = position_;
  const size_t count = analysis_ends_[next_analysis_] - begin;
  const size_t worker_count = std::clamp<size_t>(count, 1, std::max(1u, threads));
  std::vector<Worker> workers(worker_count);
  // The first worker adds to the sketches themselves.
  const size_t others = worker_count - 1;
  std::vector<SketchSet> partial(others, SketchSet(projector_.structures()));
  std::vector<SketchSet> exchanged(exchanged_ ? others : 0, SketchSet(projector_.structures()));
  for (SketchSet& part : partial) part.hard_only = sketches_.hard_only;
  for (SketchSet& part : exchanged) part.hard_only = sketches_.hard_only;
  const auto work = [&](size_t index, unsigned w) -> Status {
    const UnitBlock& block = order_[begin + index];
    Status status = workers[w].bytes.read(checkpoint_, anatomy_, block, memo_);
    if (!status) return status;
    SketchSet& sketches = w == 0 ? sketches_ : partial[w - 1];
    SketchSet* swapped = nullptr;
    if (exchanged_) swapped = w == 0 ? &*exchanged_ : &exchanged[w - 1];
    workers[w].sketcher.absorb(projector_, workers[w].bytes, sketches, swapped);
    workers[w].bytes.keep(checkpoint_, anatomy_, block, memo_);
    if (progress) progress->advance(workers[w].bytes.bytes_read());
    return {};
  };
  Status status = parallel_for(count, static_cast<unsigned>(worker_count), work);
  if (!status) return status;
  for (const SketchSet& part : partial) sketches_.merge(part);
  for (const SketchSet& part : exchanged) exchanged_->merge(part);
  position_ = analysis_ends_[next_analysis_++];
  return {};
}

}  // namespace wmk::embed
