#include "embed/heads/careful_head_scan.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/sketch_sums.h"
#include "embed/read/spread_order.h"

namespace wmk::embed {

struct CarefulHeadScan::Worker {
  std::unique_ptr<MergedHeads> heads;
  HeadBands bands;
  CarefulHeadFacts facts;
};

CarefulHeadScan::CarefulHeadScan(const checkpoint::Checkpoint& checkpoint,
                                 const checkpoint::Anatomy& anatomy,
                                 const std::vector<Structure>& structures)
    : checkpoint_(checkpoint), circuits_(checkpoint, anatomy, structures) {}

Status CarefulHeadScan::read_layer(size_t layer, MergedHeads& heads, Progress* progress) const {
  const uint64_t before = heads.bytes();
  Status read = heads.read(layer);
  if (!read) {
    const uint64_t number = circuits_.heads().layers[layer].layer;
    return std::move(read).error().within(cat("heads of layer ", number));
  }
  if (progress) progress->advance(heads.bytes() - before);
  return {};
}

Status CarefulHeadScan::read_all(unsigned threads, Progress* progress, HeadBands& bands) {
  const size_t worker_count = std::clamp<size_t>(layers_.size(), 1, std::max(1u, threads));
  std::vector<Worker> workers(worker_count);
  for (Worker& worker : workers) {
    worker.heads = std::make_unique<MergedHeads>(checkpoint_, circuits_);
  }
  const auto is_wanted = [&](int number) {
    return std::any_of(wanted_.begin(), wanted_.end(),
                       [&](int first) { return number == first || number == first + 1; });
  };
  const auto work = [&](size_t index, unsigned w) -> Status {
    Worker& worker = workers[w];
    Status read = read_layer(layers_[index], *worker.heads, progress);
    if (!read) return read;
    HeadBands found = worker.heads->counted();
    // Too many bands to keep them all: this pass only counts, and another one sketches.
    const bool fits = bands_in_either(found, worker.bands) <= kBandsKept;
    for (auto& [number, band] : found) {
      worker.facts.merged_heads += band.merged;
      HeadBand& kept = worker.bands[number];
      if (!kept.sketches && (is_second_ ? is_wanted(number) : fits)) {
        kept.sketches.emplace(circuits_.structures());
      }
      kept.merge(std::move(band));
    }
    worker.heads->sketch(worker.bands);
    worker.facts.heads += worker.heads->heads();
    worker.facts.absent += worker.heads->absent();
    return {};
  };
  Status status = parallel_for(layers_.size(), static_cast<unsigned>(worker_count), work);
  if (!status) return status;
  const uint64_t bytes = facts_.bytes;
  facts_ = {};
  facts_.bytes = bytes;
  for (Worker& worker : workers) {
    merge_bands(std::move(worker.bands), bands);
    facts_.heads += worker.facts.heads;
    facts_.absent += worker.facts.absent;
    facts_.merged_heads += worker.facts.merged_heads;
    facts_.bytes += worker.heads->bytes();
  }
  return {};
}

// The bands and facts of all wanted layers, whoever reads them.
Status CarefulHeadScan::read_pass(size_t layers, unsigned threads, Progress* progress,
                                  HeadBands& bands) {
  const ScanParts pass = parts_.named(cat(", layers 0-", layers, is_second_ ? ", again" : ""));
  const HeadSketchSet zero(circuits_.structures());
  if (const ScanSum* sum = take_bands(pass, layers, zero, bands)) {
    facts_ = {sum->facts[0], sum->facts[1], sum->facts[2], sum->facts[3]};
    if (progress) progress->advance(facts_.bytes);
    return {};
  }
  if (Status status = pass.status(); !status) return status;
  const uint64_t earlier = facts_.bytes;
  Status status = read_all(threads, progress, bands);
  if (pass.sums == nullptr) return status;
  ScanSum own{.blocks = layers_.size()};
  const uint64_t read_here = facts_.bytes - earlier;
  own.facts = {facts_.heads, facts_.absent, facts_.merged_heads, read_here};
  const auto facts = share_bands(pass, status ? Result(std::move(own)) : std::move(status).error(),
                                 layers, zero, bands);
  if (!facts) return facts.error();
  if (progress) progress->advance((*facts)[3] - read_here);
  facts_ = {(*facts)[0], (*facts)[1], (*facts)[2], earlier + (*facts)[3]};
  return {};
}

Status CarefulHeadScan::run(double part, unsigned threads, Progress* progress) {
  layers_ = spread_order(circuits_.heads().layers.size());
  const double wanted = std::ceil(part * static_cast<double>(layers_.size()));
  layers_.resize(std::min(layers_.size(), static_cast<size_t>(wanted)));
  const size_t layers = layers_.size();
  if (parts_.sums) {
    size_t place = 0;
    std::erase_if(layers_, [&](size_t) { return !parts_.reads(place++); });
  }
  facts_ = {};
  is_second_ = false;
  HeadBands bands;
  Status status = read_pass(layers, threads, progress, bands);
  if (!status || parts_.are_kept()) return status;
  wanted_ = largest_windows(bands);
  if (bands.size() > kBandsKept) {
    is_second_ = true;
    bands.clear();
    status = read_pass(layers, threads, progress, bands);
    if (!status) return status;
  }
  windows_.clear();
  for (const int first : wanted_) windows_.push_back(window_of(bands, first));
  return {};
}

HeadWindow CarefulHeadScan::window_of(const HeadBands& bands, int first) const {
  auto sum = sum_of_window(bands, first, HeadSketchSet(circuits_.structures()));
  return {first, sum.count, sum.merged, sum.limited, *std::move(sum.sketches)};
}

Result<HeadWindow> CarefulHeadScan::window_of_layer(size_t layer, int first,
                                                    Progress* progress) const {
  MergedHeads heads(checkpoint_, circuits_);
  Status read = read_layer(layer, heads, progress);
  if (!read) return std::move(read).error();
  HeadBands bands = heads.counted();
  keep_window(first, HeadSketchSet(circuits_.structures()), bands);
  heads.sketch(bands);
  return window_of(bands, first);
}

}  // namespace wmk::embed
