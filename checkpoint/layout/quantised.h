// Refuses checkpoints whose FFN weights are quantised in a way that is not read.
//
// Purpose: a byte that needs a scale must never be read as a weight. What dequantise() did not
// replace is recognised by the other tensors of its group ("P.qweight", "P.weight_scale",
// "P_blocks", ...) and refused before any naming family is tried. Thread-safety: pure functions.
#pragma once

#include <span>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

// An Error (unsupported) that names encoding and tensor if one of `families` would read a tensor of
// such a group. Other quantised tensors are ignored.
Status refuse_quantised(const Checkpoint& checkpoint, const Config& config,
                        std::span<const NamingFamily* const> families);

}  // namespace wmk::checkpoint
