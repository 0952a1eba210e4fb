#include "embed/read/scan.h"

#include <algorithm>
#include <tuple>

#include "base/parallel.h"
#include "base/text.h"
#include "embed/read/sketch_sums.h"

namespace wmk::embed {

using checkpoint::Anatomy;
using checkpoint::Checkpoint;
using checkpoint::UnitBlock;

uint64_t weight_bytes(const Checkpoint& checkpoint, const Anatomy& anatomy) {
  uint64_t sum = 0;
  for (size_t g = 0; g < anatomy.groups.size(); ++g) {
    const auto& group = anatomy.groups[g];
    sum += group.units * vector_bytes(checkpoint, anatomy, g) * (group.gate ? 3 : 2);
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

void Scan::use(ScanParts parts) {
  parts_ = std::move(parts);
  if (parts_.sums) places_ = places_of_groups(order_, anatomy_.groups.size());
}

double Scan::part_read() const {
  if (!parts_.are_kept()) {
    return static_cast<double>(sketches_.weights) / static_cast<double>(anatomy_.weight_count());
  }
  uint64_t units = 0, all = 0;
  for (size_t i = 0; i < order_.size(); ++i) {
    all += order_[i].units;
    if (i < position_) units += order_[i].units;
  }
  return static_cast<double>(units) / static_cast<double>(std::max<uint64_t>(1, all));
}

Status Scan::advance(unsigned threads, Progress* progress) {
  const size_t end = analysis_ends_[next_analysis_];
  const ScanParts segment = parts_.named(cat(", blocks ", position_, "-", end));
  Status status;
  if (!take(segment, end, progress)) status = read_up_to(segment, end, threads, progress);
  if (!status) return status;
  ++next_analysis_;
  position_ = end;
  return {};
}

// The sums of all parts up to this analysis, in place of the weights.
bool Scan::take(const ScanParts& segment, size_t end, Progress* progress) {
  if (!segment.are_merged()) return false;
  const ScanSum* found = segment.sums->find(segment.name, end - position_);
  if (found == nullptr) return false;
  const bool fits = add(*found);
  if (!fits) segment.sums->refuse(segment.name, "its sums are of another size");
  if (fits && progress) progress->advance(found->plain->counts[1]);
  return fits;
}

// False: of another size.
bool Scan::add(const ScanSum& sum) {
  return sum.plain && SketchNumbers::add(*sum.plain, sketches_) &&
         sum.exchanged.has_value() == exchanged_.has_value() &&
         (!exchanged_ || SketchNumbers::add(*sum.exchanged, *exchanged_));
}

void Scan::clear() {
  const bool hard_only = sketches_.hard_only;
  sketches_ = SketchSet(projector_.structures());
  if (exchanged_) exchanged_ = SketchSet(projector_.structures());
  if (hard_only) read_hard_only();
}

// The blocks of this process, and the sums of others if they are at work, too.
Status Scan::read_up_to(const ScanParts& segment, size_t end, unsigned threads,
                        Progress* progress) {
  if (Status status = parts_.status(); !status) return status;
  std::vector<UnitBlock> blocks;
  for (size_t i = position_; i < end; ++i) {
    if (parts_.sums == nullptr || parts_.reads(places_[order_[i].group])) {
      blocks.push_back(order_[i]);
    }
  }
  if (parts_.sums == nullptr) return read(blocks, threads, progress);
  auto earlier = std::pair(sketches_, exchanged_);
  clear();
  Status status = read(blocks, threads, progress);
  ScanSum own{.blocks = blocks.size()};
  if (own.blocks > 0) own.plain = SketchNumbers::of(sketches_);
  if (own.blocks > 0 && exchanged_) own.exchanged = SketchNumbers::of(*exchanged_);
  const uint64_t here = sketches_.bytes;
  auto all = segment.sums->hand_over(
      segment.name, status ? Result(std::move(own)) : std::move(status).error(), end - position_);
  if (!all) return std::move(all).error();
  std::tie(sketches_, exchanged_) = std::move(earlier);
  if (all->blocks == 0) return {};
  if (!add(*all)) return malformed(cat(segment.name, ": sums of another size"));
  if (progress) progress->advance(all->plain->counts[1] - here);
  return {};
}

Status Scan::read(const std::vector<UnitBlock>& blocks, unsigned threads, Progress* progress) {
  struct Worker {
    UnitBytes bytes;
    SketchWorker sketcher;
  };
  const std::vector<Stripe> stripes = stripes_of(checkpoint_, anatomy_, blocks, threads);
  const size_t worker_count = std::clamp<size_t>(stripes.size(), 1, std::max(1u, threads));
  std::vector<Worker> workers(worker_count);
  // The first worker adds to the sketches themselves.
  const size_t others = worker_count - 1;
  std::vector<SketchSet> partial(others, SketchSet(projector_.structures()));
  std::vector<SketchSet> exchanged(exchanged_ ? others : 0, SketchSet(projector_.structures()));
  for (SketchSet& part : partial) part.hard_only = sketches_.hard_only;
  for (SketchSet& part : exchanged) part.hard_only = sketches_.hard_only;
  const auto work = [&](size_t index, unsigned w) -> Status {
    SketchSet& sketches = w == 0 ? sketches_ : partial[w - 1];
    SketchSet* swapped = nullptr;
    if (exchanged_) swapped = w == 0 ? &*exchanged_ : &exchanged[w - 1];
    auto& [bytes, sketcher] = workers[w];
    const Stripe& stripe = stripes[index];
    for (const UnitBlock& block : stripe.blocks) {
      Status status = bytes.read(checkpoint_, anatomy_, block, memo_, &stripe.whole);
      if (!status) return status;
      sketcher.absorb(projector_, bytes, sketches, swapped);
      bytes.keep(checkpoint_, anatomy_, block, memo_);
      if (progress) progress->advance(bytes.bytes_read());
    }
    return {};
  };
  Status status = parallel_for(stripes.size(), static_cast<unsigned>(worker_count), work);
  if (!status) return status;
  for (const SketchSet& part : partial) sketches_.merge(part);
  for (const SketchSet& part : exchanged) exchanged_->merge(part);
  return {};
}

}  // namespace wmk::embed
