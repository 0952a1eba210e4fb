// Checkpoints whose FFN weights are stored in an encoding that this version does not read.
//
// Purpose: what dequantise() left behind is told by its reason or by the companions of its tensors
// ("P.qweight", "P.weight_scale", "P_blocks", ...), and refused with advice before any family is
// tried: a byte that needs a scale must never be read as a weight. Thread-safety: pure functions.
#pragma once

#include <span>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// An Error (unsupported) that names encoding and tensor if a tensor that one of `families` would
// read has such a companion. Quantised tensors that nobody reads are no matter.
Status refuse_quantised(const Checkpoint& checkpoint, const Config& config,
                        std::span<const Family* const> families);

}  // namespace wmk::checkpoint
