// Variants from shapes alone.
//
// Thread-safety: pure function; reads norm weights and a sample of other weights.
#pragma once

#include <vector>

#include "checkpoint/shapes/variant.h"

namespace wmk::checkpoint {

// The most likely first, then one change at a time: gate and up, embedding and head, norm, order of
// tensors, which FFNs belong to the model.
std::vector<AnatomyVariant> shape_variants(const Checkpoint& checkpoint, const Config& config);

}  // namespace wmk::checkpoint
