// Bands of strength: neurons whose |u| |v| differ by no more than 2^4 (specs/careful.md 4).
//
// Lifetime: values. Thread-safety: pure functions and values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "embed/read/sketch.h"

namespace wmk::embed {

// What the neurons of one band add up to.
struct Band {
  uint64_t neurons = 0;       // after merging
  uint64_t merged_units = 0;  // of the file, that share a gate with another
  bool limited = false;
  std::optional<SketchSet> sketches;  // none: not kept

  void merge(Band&& other);
};
using Bands = std::map<int, Band>;

// floor(log2(|u| |v|) / 4).
int band_of(double log2_strength);

}  // namespace wmk::embed
