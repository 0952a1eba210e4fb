// Collects FFN matrices into groups of units.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "base/result.h"
#include "checkpoint/layout/layout.h"

namespace wmk::checkpoint {

// Fills Layout::groups, without norms, ordered by layer, then dense, shared, experts. Errors name
// tensors: a shape that does not match, two tensors for one role, unequal units, a missing matrix,
// too many experts. With LayerFaults::skipped all of these but the last go to Layout::skipped.
Status build_groups(const std::vector<Tensor>& tensors, const NameTable& names,
                    const std::vector<const Rule*>& rules, LayerFaults faults, Layout& layout);

}  // namespace wmk::checkpoint
