// How well norm weights go with the matrices that read what the norm writes.
//
// Lifetime: values. Thread-safety: pure functions; they read vectors and a sample of weights.
#pragma once

#include <optional>
#include <vector>

#include "checkpoint/shapes/norm_choices.h"
#include "checkpoint/shapes/profile.h"

namespace wmk::checkpoint {

using Lengths = std::vector<std::vector<float>>;  // one standardised vector for each layer

// Lengths of the columns of some layers' gate and up matrices, together.
struct NormSample {
  std::vector<LayerPlace> layers;
  Lengths columns;
};
NormSample sample_of(ColumnLengths& lengths, const std::vector<LayerPlace>& layers, uint64_t width);

// How well the weights go with the lengths of the columns: over all, and in what differs from layer
// to layer. 0 to 2; 0: by chance. Less for a choice that was matched for each layer alone.
double fit_of(const Checkpoint& checkpoint, const NormChoice& choice, const NormSample& sample,
              uint64_t width);

// For each FFN the vector that goes with it best; none: too many, or half of them go with none.
std::optional<NormChoice> match_norms(const Checkpoint& checkpoint, ColumnLengths& lengths,
                                      const ShapeReading& shapes,
                                      const std::vector<LayerPlace>& layers);

}  // namespace wmk::checkpoint
