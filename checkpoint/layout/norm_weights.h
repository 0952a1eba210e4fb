// Norm weights of a layout: which tensor folds into which group, and their values.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

// Fills Layout::norms and the indices of the groups into it, in the order of layers.
Status assign_norms(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, const NamingFamily& family,
                    Layout& layout);

// The `width` values of each norm, 1 + w already applied. A value that is not finite is an Error
// (malformed) that names the tensor.
Result<std::vector<std::vector<float>>> read_norm_weights(const Checkpoint& checkpoint,
                                                          const Layout& layout);

}  // namespace wmk::checkpoint
