#include "embed/careful/careful_scan.h"

#include <algorithm>
#include <memory>

#include "base/parallel.h"
#include "embed/careful/careful_ffn.h"
#include "embed/read/scan.h"
#include "embed/read/sketch_sums.h"

namespace wmk::embed {

struct CarefulScan::Worker {
  std::unique_ptr<CarefulFfn> ffn;
  Bands bands;
  CarefulFacts facts;
};

CarefulScan::CarefulScan(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const std::vector<Structure>& structures, ScanMemo memo)
    : checkpoint_(checkpoint), anatomy_(anatomy), projector_(anatomy, structures), memo_(memo) {}

// Those that this process reads.
std::vector<size_t> CarefulScan::own_groups() const {
  std::vector<size_t> out;
  const auto order =
      parts_.sums ? scan_order(checkpoint_, anatomy_) : std::vector<checkpoint::UnitBlock>();
  const auto places = places_of_groups(order, anatomy_.groups.size());
  for (size_t group = 0; group < places.size(); ++group) {
    if (parts_.reads(places[group])) out.push_back(group);
  }
  return out;
}

Status CarefulScan::read_all(unsigned threads, Progress* progress, bool only_wanted, Bands& bands) {
  const auto groups = own_groups();
  const size_t worker_count = std::clamp<size_t>(groups.size(), 1, std::max(1u, threads));
  std::vector<Worker> workers(worker_count);
  for (Worker& worker : workers) {
    worker.ffn = std::make_unique<CarefulFfn>(checkpoint_, anatomy_, projector_, memo_);
  }
  Status status = parallel_for(
      groups.size(), static_cast<unsigned>(worker_count), [&](size_t index, unsigned w) -> Status {
        Worker& worker = workers[w];
        const size_t group = groups[index];
        Status read = worker.ffn->read(group, progress);
        if (read) read = worker.ffn->merge();
        if (!read) return std::move(read).error().within(anatomy_.groups[group].label());
        Bands bands = worker.ffn->counted();
        // Too many bands to keep them all: this pass only counts, and another one sketches.
        const bool fits = bands_in_either(bands, worker.bands) <= kBandsKept;
        for (auto& [number, band] : bands) {
          const bool wanted = std::binary_search(wanted_.begin(), wanted_.end(), number);
          if (only_wanted ? wanted : fits) band.sketches.emplace(projector_.structures());
        }
        worker.ffn->sketch(bands);
        merge_bands(std::move(bands), worker.bands);
        worker.facts.units += worker.ffn->units();
        worker.facts.skipped += worker.ffn->skipped();
        worker.facts.not_finite += worker.ffn->not_finite();
        worker.facts.bytes += worker.ffn->bytes();
        return {};
      });
  if (!status) return status;
  for (Worker& worker : workers) {
    merge_bands(std::move(worker.bands), bands);
    facts_.units += worker.facts.units;
    facts_.skipped += worker.facts.skipped;
    facts_.not_finite += worker.facts.not_finite;
    facts_.bytes += worker.facts.bytes;
  }
  return {};
}

void CarefulScan::set_facts(const std::array<uint64_t, 4>& facts) {
  facts_.units = facts[0];
  facts_.skipped = facts[1];
  facts_.not_finite = facts[2];
  facts_.bytes = facts[3];
}

// The bands and facts of all FFNs, whoever reads them.
Status CarefulScan::read_pass(unsigned threads, Progress* progress, bool only_wanted,
                              Bands& bands) {
  const ScanParts pass = only_wanted ? parts_.named(", again") : parts_;
  const SketchSet zero(projector_.structures());
  if (const ScanSum* sum = take_bands(pass, anatomy_.groups.size(), zero, bands)) {
    set_facts(sum->facts);
    if (progress) progress->advance(facts_.bytes);
    return {};
  }
  if (Status status = pass.status(); !status) return status;
  Status status = read_all(threads, progress, only_wanted, bands);
  if (pass.sums == nullptr) return status;
  ScanSum own{.blocks = own_groups().size()};
  own.facts = {facts_.units, facts_.skipped, facts_.not_finite, facts_.bytes};
  const auto facts = share_bands(pass, status ? Result(std::move(own)) : std::move(status).error(),
                                 anatomy_.groups.size(), zero, bands);
  if (!facts) return facts.error();
  if (progress) progress->advance((*facts)[3] - facts_.bytes);
  set_facts(*facts);
  return {};
}

Status CarefulScan::run(unsigned threads, Progress* progress) {
  Bands bands;
  facts_ = {};
  Status status = read_pass(threads, progress, false, bands);
  if (!status || parts_.are_kept()) return status;
  const std::vector<int> windows = largest_windows(bands);
  if (bands.size() > kBandsKept) {
    wanted_.clear();
    for (int number : windows) wanted_.insert(wanted_.end(), {number, number + 1});
    std::sort(wanted_.begin(), wanted_.end());
    bands.clear();
    const uint64_t bytes = facts_.bytes;
    facts_ = {};
    status = read_pass(threads, progress, true, bands);
    if (!status) return status;
    facts_.bytes += bytes;
  }
  for (const auto& [number, band] : bands) {
    facts_.neurons += band.count;
    facts_.merged_units += band.merged;
  }
  windows_.clear();
  for (const int first : windows) {
    Window window = window_of(bands, first);
    window.sketches.bytes = facts_.bytes;
    if (!window.sketches.is_zero(projector_.structures())) windows_.push_back(std::move(window));
  }
  return {};
}

Window CarefulScan::window_of(const Bands& bands, int first) const {
  auto sum = sum_of_window(bands, first, SketchSet(projector_.structures()));
  return {first, sum.count, sum.merged, sum.limited, *std::move(sum.sketches)};
}

Result<Window> CarefulScan::window_of_group(size_t group, int first, Progress* progress) const {
  CarefulFfn ffn(checkpoint_, anatomy_, projector_, memo_);
  Status read = ffn.read(group, progress);
  if (read) read = ffn.merge();
  if (!read) return std::move(read).error().within(anatomy_.groups[group].label());
  Bands bands = ffn.counted();
  keep_window(first, SketchSet(projector_.structures()), bands);
  ffn.sketch(bands);
  return window_of(bands, first);
}

}  // namespace wmk::embed
