// What a comparison finds once, whatever the coordinates, and which layers it lays side by side.
//
// Lifetime: values. Thread-safety: brings its own workers.
#pragma once

#include "lineage/align/layer_alignment.h"
#include "lineage/tests/repeated_neurons.h"

namespace wmk::lineage {

struct Common {
  ModelCopies copies;
  TestResult gains;
  std::vector<size_t> coordinates;  // of the Grams
  size_t gram_layers = 0;           // of either side, at most
  AttentionGrams reference;
};
Result<Common> find_common(const Pair& pair);

// Which layers correspond, by number or by attention (T5), and how alike their attention is (T3):
// the results of both go to `tests`.
Result<std::vector<LayerPair>> layers_of(const Pair& pair, const Gauge& gauge, const Common& common,
                                         std::vector<TestResult>& tests);

}  // namespace wmk::lineage
