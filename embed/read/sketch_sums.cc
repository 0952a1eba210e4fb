#include "embed/read/sketch_sums.h"

#include <span>

namespace wmk::embed {

namespace {

void append_numbers(const std::vector<int64_t>& from, std::vector<int64_t>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

// Adds the next numbers of `from`, and takes them away.
bool add_next_numbers(std::span<const int64_t>& from, std::span<int64_t> to) {
  if (from.size() < to.size() || !add_sums(from.first(to.size()), to)) return false;
  from = from.subspan(to.size());
  return true;
}

}  // namespace

SketchSum SketchNumbers::of(const SketchSet& sketches) {
  SketchSum out;
  for (size_t s = 0; s < sketches.energies_.size(); ++s) {
    for (const TagRule rule : kTagRules) {
      if (rule != TagRule::hard && sketches.hard_only) continue;
      for (const VectorKind kind : kVectorKinds) {
        append_numbers(sketches.at(s, rule).sums(kind), out.entries);
      }
    }
    for (const int64_t energy : sketches.energies_[s]) out.energies.push_back(energy);
  }
  out.counts = {sketches.weights, sketches.bytes, sketches.skipped, sketches.not_finite};
  return out;
}

SketchSum SketchNumbers::of(const HeadSketchSet& sketches) {
  SketchSum out;
  for (const auto& share : sketches.sums_) {
    for (const auto& sums : share) append_numbers(sums, out.entries);
  }
  out.energies = sketches.energies_;
  out.counts = {sketches.weights, sketches.bytes, sketches.heads, sketches.absent};
  return out;
}

bool SketchNumbers::add(const SketchSum& from, SketchSet& to) {
  std::span<const int64_t> entries = from.entries, energies = from.energies;
  for (size_t s = 0; s < to.energies_.size(); ++s) {
    for (const TagRule rule : kTagRules) {
      if (rule != TagRule::hard && to.hard_only) continue;
      Sketch& sketch = to.sketches_[SketchSet::index(s, rule)];
      for (const VectorKind kind : kVectorKinds) {
        if (!add_next_numbers(entries, sketch.sums_[kind])) return false;
      }
    }
    if (!add_next_numbers(energies, to.energies_[s].values)) return false;
  }
  to.weights += from.counts[0];
  to.bytes += from.counts[1];
  to.skipped += from.counts[2];
  to.not_finite += from.counts[3];
  return entries.empty() && energies.empty();
}

bool SketchNumbers::add(const SketchSum& from, HeadSketchSet& to) {
  std::span<const int64_t> entries = from.entries, energies = from.energies;
  for (auto& share : to.sums_) {
    for (auto& sums : share) {
      if (!add_next_numbers(entries, sums)) return false;
    }
  }
  if (!add_next_numbers(energies, to.energies_)) return false;
  to.weights += from.counts[0];
  to.bytes += from.counts[1];
  to.heads += from.counts[2];
  to.absent += from.counts[3];
  return entries.empty() && energies.empty();
}

}  // namespace wmk::embed
