// Findings that do not depend on the basis, and the layers that are compared with each other.
//
// Purpose: computed once for all bases that are tried. Lifetime: values. Thread-safety: brings its
// own workers.
#pragma once

#include <optional>

#include "lineage/align/layer_alignment.h"
#include "lineage/align/layer_map.h"
#include "lineage/evidence.h"
#include "lineage/tests/repeated_neurons.h"

namespace wmk::lineage {

struct SharedFindings {
  RepeatedNeurons repeated;
  // Of the reference, where both models repeat whole layers: no signs are independent then.
  std::optional<LayerClusters> copied_layers;
  TestResult norm_weights;
  bool layers_by_number = false;    // depths are equal
  std::vector<size_t> coordinates;  // of the Gram matrices, ascending
  size_t gram_layers = 0;           // of either model, at most
  AttentionGrams reference;
};
Result<SharedFindings> find_shared(const ModelPair& pair);

// Matches layers by number or by attention (T5), unless they are `given`, and compares their
// attention (T3); the results of both tests are appended to `tests`.
Result<std::vector<LayerPair>> layers_of(const ModelPair& pair, const Basis& basis,
                                         const SharedFindings& shared,
                                         const std::vector<LayerPair>& given,
                                         std::vector<TestResult>& tests);

}  // namespace wmk::lineage
