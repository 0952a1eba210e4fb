// Random unit rows whose coordinates differ in size.
#pragma once

#include <cmath>
#include <random>

#include "neurons/rows/neuron_rows.h"

namespace wmk::neurons {

// Coordinates shrink by exp(-spread) from the first to the last.
inline Rows fading_rows(size_t count, size_t width, double spread, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  Rows out{count, width, std::vector<float>(count * width)};
  for (size_t i = 0; i < count; ++i) {
    for (size_t c = 0; c < width; ++c) {
      const double place = static_cast<double>(c) / static_cast<double>(width);
      out.row(i)[c] = normal(random) * static_cast<float>(std::exp(-spread * place));
    }
  }
  normalise(out);
  return out;
}

}  // namespace wmk::neurons
