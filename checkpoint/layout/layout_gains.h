// Norm gains of a layout: which tensor folds into which group, and their values.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

// Fills `layout.gains` and the groups' indices into it, in the order of layers.
Status assign_gains(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, const Family& family, Layout& layout);

// The `width` values of each gain, 1 + w already applied. A value that is not finite is an Error
// (malformed) that names the tensor.
Result<std::vector<std::vector<float>>> read_gains(const Checkpoint& checkpoint,
                                                   const Layout& layout);

}  // namespace wmk::checkpoint
