// Sketches as plain numbers, and back: for parts of a detection (embed/parts/sums.h).
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/text.h"
#include "embed/parts/part_sums.h"
#include "embed/read/band.h"
#include "embed/read/head_sketch.h"

namespace wmk::embed {

// The door to the integers of sketches. Entries: by structure, by tag rule (hard alone if the
// others are left out), by kind, row by row; those of heads by share and tag rule.
struct SketchNumbers {
  static SketchSum of(const SketchSet& sketches);
  static SketchSum of(const HeadSketchSet& sketches);
  // False: other sizes, or sums that overflow; `to` is void then.
  static bool add(const SketchSum& from, SketchSet& to);
  static bool add(const SketchSum& from, HeadSketchSet& to);
};

template <class Sketches>
std::vector<BandSum> sums_of_bands(const BandsOf<Sketches>& bands) {
  std::vector<BandSum> out;
  for (const auto& [number, band] : bands) {
    BandSum& sum = out.emplace_back(BandSum{number, band.count, band.merged, band.limited, {}});
    if (band.sketches) sum.sketches = SketchNumbers::of(*band.sketches);
  }
  return out;
}

// Adds bands; `zero`: sketches of nothing. False: of another size, or not all of them were sketched
// where so few are.
template <class Sketches>
bool add_bands(const std::vector<BandSum>& from, const Sketches& zero, BandsOf<Sketches>& to) {
  for (const BandSum& each : from) {
    BandOf<Sketches> band{each.count, each.merged, each.limited, {}};
    if (each.sketches && !SketchNumbers::add(*each.sketches, band.sketches.emplace(zero))) {
      return false;
    }
    if (!each.sketches && from.size() <= kBandsKept) return false;
    to[each.band].merge(std::move(band));
  }
  return true;
}

// Takes the bands of a careful scan of `blocks` blocks from the parts of a merge, and returns them
// with the facts; null: they do not all have it, or do not fit.
template <class Sketches>
const ScanSum* take_bands(const ScanParts& parts, uint64_t blocks, const Sketches& zero,
                          BandsOf<Sketches>& bands) {
  if (!parts.are_merged()) return nullptr;
  const ScanSum* found = parts.sums->find(parts.name, blocks);
  if (found == nullptr || add_bands(found->bands, zero, bands)) return found;
  parts.sums->refuse(parts.name, "its bands are of another size");
  bands.clear();
  return nullptr;
}

// Hands over the bands that a careful scan of `blocks` blocks read here. They are those of all
// processes then, like the facts that are returned. `own`: without bands.
template <class Sketches>
Result<std::array<uint64_t, 4>> share_bands(const ScanParts& parts, Result<ScanSum> own,
                                            uint64_t blocks, const Sketches& zero,
                                            BandsOf<Sketches>& bands) {
  if (own) own->bands = sums_of_bands(bands);
  auto all = parts.sums->hand_over(parts.name, std::move(own), blocks);
  if (!all) return std::move(all).error();
  bands.clear();
  if (!add_bands(all->bands, zero, bands)) {
    return malformed(cat(parts.name, ": bands of another size"));
  }
  return all->facts;
}

}  // namespace wmk::embed
