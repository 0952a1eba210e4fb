// Norm weights of a layout: which tensor folds into which group, and their values.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

struct NamedTensors {
  const std::vector<Tensor>& tensors;
  const NameTable& names;
  const std::vector<const Rule*>& rules;
};

// Fills Layout::norms and the indices of the groups into it, in the order of layers. A norm that is
// missing, occurs twice or has the wrong shape is a fault of its layer.
Status assign_norms(const NamedTensors& named, const NamingFamily& family, LayerFaults faults,
                    Layout& layout);

// The `width` values of one norm, 1 + w already applied.
Result<std::vector<float>> read_norm_weight(const Checkpoint& checkpoint, const NormSource& source,
                                            uint64_t width);

// The `width` values of each norm, 1 + w already applied. Layers with a value that is not finite
// are skipped; if half of the units or more are, that is an Error (malformed) that names the
// tensor.
Result<std::vector<std::vector<float>>> read_norm_weights(const Checkpoint& checkpoint,
                                                          Layout& layout);

// Whether norms before the FFNs subtract means: each of them has a bias beside its weight.
bool subtract_means(const std::vector<Tensor>& tensors, const Anatomy& anatomy);

}  // namespace wmk::checkpoint
