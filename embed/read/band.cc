#include "embed/read/band.h"

#include <cmath>

namespace wmk::embed {

namespace {

constexpr double kBandWidth = 4;  // of log2(|u| |v|)

}  // namespace

int band_of(double log2_strength) {
  return static_cast<int>(std::floor(log2_strength / kBandWidth));
}

void Band::merge(Band&& other) {
  neurons += other.neurons;
  merged_units += other.merged_units;
  limited = limited || other.limited;
  if (!other.sketches) return;
  if (sketches) {
    sketches->merge(*other.sketches);
  } else {
    sketches = std::move(other.sketches);
  }
}

}  // namespace wmk::embed
