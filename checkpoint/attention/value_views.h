// Where values and outputs of attention heads are inside the tensors of a layer.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "checkpoint/attention/attention_blocks.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// Everything of a HeadLayer but its norms. Errors say why the layer cannot be read: a missing
// matrix, a shape, a type, numbers of heads that do not fit.
Result<HeadLayer> head_layer(const std::vector<Tensor>& tensors, const AttentionBlock& block,
                             const Config& config, uint64_t width);

}  // namespace wmk::checkpoint
