// Where values and outputs of attention heads are inside the tensors of a layer.
//
// Thread-safety: pure functions.
#pragma once

#include <vector>

#include "checkpoint/attention/attention_blocks.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// Everything of the HeadLayers of a block but their norms: two where two tensors hold the values,
// each those of half the heads. Errors say why the block cannot be read: a missing matrix, a shape,
// a type, numbers of heads that do not fit.
Result<std::vector<HeadLayer>> head_layers(const std::vector<Tensor>& tensors,
                                           const AttentionBlock& block, const Config& config,
                                           uint64_t width);

}  // namespace wmk::checkpoint
