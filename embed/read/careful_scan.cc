#include "embed/read/careful_scan.h"

#include <algorithm>
#include <memory>

#include "base/parallel.h"
#include "embed/read/careful_ffn.h"
#include "embed/read/scan.h"

namespace wmk::embed {

namespace {

// Constants of specs/careful.md 4.
constexpr size_t kBandsKept = 12;      // with sketches, in memory
constexpr uint64_t kWindowPart = 100;  // a window holds at least one in so many neurons
constexpr size_t kWindowsKept = 3;

uint64_t neurons_of(const Bands& bands, int number) {
  const auto found = bands.find(number);
  return found == bands.end() ? 0 : found->second.neurons;
}

size_t count_of_both(const Bands& a, const Bands& b) {
  return a.size() + static_cast<size_t>(std::count_if(b.begin(), b.end(), [&](const auto& band) {
           return !a.contains(band.first);
         }));
}

void merge(Bands&& from, Bands& to) {
  for (auto& [number, band] : from) to[number].merge(std::move(band));
}

// First bands of the windows, most neurons first.
std::vector<int> largest_windows(const Bands& bands) {
  uint64_t total = 0;
  for (const auto& [number, band] : bands) total += band.neurons;
  std::vector<std::pair<uint64_t, int>> windows;
  for (const auto& [number, band] : bands) {
    const uint64_t count = band.neurons + neurons_of(bands, number + 1);
    if (count * kWindowPart >= total) windows.emplace_back(count, number);
  }
  std::stable_sort(windows.begin(), windows.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (windows.size() > kWindowsKept) windows.resize(kWindowsKept);
  std::vector<int> out;
  for (const auto& [count, number] : windows) out.push_back(number);
  return out;
}

}  // namespace

struct CarefulScan::Worker {
  std::unique_ptr<CarefulFfn> ffn;
  Bands bands;
  CarefulFacts facts;
};

CarefulScan::CarefulScan(const checkpoint::Checkpoint& checkpoint,
                         const checkpoint::Anatomy& anatomy,
                         const std::vector<Structure>& structures, ScanMemo memo)
    : checkpoint_(checkpoint), anatomy_(anatomy), projector_(anatomy, structures), memo_(memo) {}

Status CarefulScan::read_all(unsigned threads, Progress* progress, bool only_wanted, Bands& bands) {
  const size_t groups = anatomy_.groups.size();
  const size_t worker_count = std::clamp<size_t>(groups, 1, std::max(1u, threads));
  std::vector<Worker> workers(worker_count);
  for (Worker& worker : workers) {
    worker.ffn = std::make_unique<CarefulFfn>(checkpoint_, anatomy_, projector_, memo_);
  }
  Status status = parallel_for(
      groups, static_cast<unsigned>(worker_count), [&](size_t group, unsigned w) -> Status {
        Worker& worker = workers[w];
        Status read = worker.ffn->read(group, progress);
        if (read) read = worker.ffn->merge();
        if (!read) return std::move(read).error().within(anatomy_.groups[group].label());
        Bands bands = worker.ffn->counted();
        // Too many bands to keep them all: this pass only counts, and another one sketches.
        const bool fits = count_of_both(bands, worker.bands) <= kBandsKept;
        for (auto& [number, band] : bands) {
          const bool wanted = std::binary_search(wanted_.begin(), wanted_.end(), number);
          if (only_wanted ? wanted : fits) band.sketches.emplace(projector_.structures());
        }
        worker.ffn->sketch(bands);
        merge(std::move(bands), worker.bands);
        worker.facts.units += worker.ffn->units();
        worker.facts.skipped += worker.ffn->skipped();
        worker.facts.not_finite += worker.ffn->not_finite();
        worker.facts.bytes += worker.ffn->bytes();
        return {};
      });
  if (!status) return status;
  for (Worker& worker : workers) {
    merge(std::move(worker.bands), bands);
    facts_.units += worker.facts.units;
    facts_.skipped += worker.facts.skipped;
    facts_.not_finite += worker.facts.not_finite;
    facts_.bytes += worker.facts.bytes;
  }
  return {};
}

Status CarefulScan::run(unsigned threads, Progress* progress) {
  Bands bands;
  facts_ = {};
  Status status = read_all(threads, progress, false, bands);
  if (!status) return status;
  const std::vector<int> windows = largest_windows(bands);
  if (bands.size() > kBandsKept) {
    wanted_.clear();
    for (int number : windows) wanted_.insert(wanted_.end(), {number, number + 1});
    std::sort(wanted_.begin(), wanted_.end());
    bands.clear();
    const uint64_t bytes = facts_.bytes;
    facts_ = {};
    status = read_all(threads, progress, true, bands);
    if (!status) return status;
    facts_.bytes += bytes;
  }
  for (const auto& [number, band] : bands) {
    facts_.neurons += band.neurons;
    facts_.merged_units += band.merged_units;
  }
  make_windows(bands, windows);
  return {};
}

void CarefulScan::make_windows(Bands& bands, const std::vector<int>& first_bands) {
  windows_.clear();
  for (int first : first_bands) {
    Window window{first, 0, 0, false, SketchSet(projector_.structures())};
    for (int number : {first, first + 1}) {
      const auto found = bands.find(number);
      if (found == bands.end()) continue;
      const Band& band = found->second;
      window.neurons += band.neurons;
      window.merged_units += band.merged_units;
      window.limited = window.limited || band.limited;
      window.sketches.merge(*band.sketches);
    }
    window.sketches.bytes = facts_.bytes;
    if (!window.sketches.is_zero(projector_.structures())) windows_.push_back(std::move(window));
  }
}

}  // namespace wmk::embed
