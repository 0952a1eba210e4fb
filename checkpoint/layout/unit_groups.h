// Collects FFN matrices into groups of units.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

// Groups without norms, ordered by layer, then dense, shared, experts. Errors name tensors: a shape
// that does not match, two tensors for one role, unequal units, a missing matrix, too many experts.
Result<std::vector<UnitGroup>> build_groups(const std::vector<Tensor>& tensors,
                                            const NameTable& names,
                                            const std::vector<const Rule*>& rules, uint64_t width);

}  // namespace wmk::checkpoint
