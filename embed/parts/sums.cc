#include "embed/parts/sums.h"

#include <algorithm>

namespace wmk::embed {

namespace {

bool add_sketch(const SketchSum& from, SketchSum& to) {
  for (size_t i = 0; i < to.counts.size(); ++i) to.counts[i] += from.counts[i];
  return add_sums(from.entries, to.entries) && add_sums(from.energies, to.energies);
}

bool add_sketches(const std::optional<SketchSum>& from, std::optional<SketchSum>& to) {
  if (!from || !to) {
    if (!to) to = from;
    return true;
  }
  return add_sketch(*from, *to);
}

bool add_band(const BandSum& from, std::vector<BandSum>& to) {
  const auto found = std::lower_bound(to.begin(), to.end(), from.band,
                                      [](const BandSum& a, int band) { return a.band < band; });
  if (found == to.end() || found->band != from.band) {
    to.insert(found, from);
    return true;
  }
  found->count += from.count;
  found->merged += from.merged;
  found->limited = found->limited || from.limited;
  if (!from.sketches || !found->sketches) {
    found->sketches.reset();
    return true;
  }
  return add_sketch(*from.sketches, *found->sketches);
}

}  // namespace

bool add_sums(std::span<const int64_t> from, std::span<int64_t> to) {
  if (from.size() != to.size()) return false;
  for (size_t i = 0; i < to.size(); ++i) {
    if (__builtin_add_overflow(to[i], from[i], &to[i])) return false;
    if (to[i] > kSumMax || to[i] < -kSumMax) return false;
  }
  return true;
}

bool add_sums(const ScanSum& from, ScanSum& to) {
  if (__builtin_add_overflow(to.blocks, from.blocks, &to.blocks)) return false;
  for (size_t i = 0; i < to.facts.size(); ++i) to.facts[i] += from.facts[i];
  if (!add_sketches(from.plain, to.plain) || !add_sketches(from.exchanged, to.exchanged)) {
    return false;
  }
  return std::all_of(from.bands.begin(), from.bands.end(),
                     [&](const BandSum& band) { return add_band(band, to.bands); });
}

}  // namespace wmk::embed
