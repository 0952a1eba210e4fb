// Finds FFN weights that are quantised in a way that is not read.
//
// Purpose: a byte that needs a scale must never be read as a weight. What dequantise() did not
// replace is recognised by the other tensors of its group ("P.qweight", "P.weight_scale",
// "P_blocks", ...) and hidden before any naming family is tried. Thread-safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/naming/name_table.h"
#include "checkpoint/naming/naming.h"
#include "checkpoint/text/config.h"

namespace wmk::checkpoint {

struct UnreadQuantised {
  // By module ("model.layers.0.mlp.up_proj"), in the order of the checkpoint.
  std::vector<std::pair<std::string, Error>> modules;
  std::vector<std::string> notes;  // companions of weights that need none
};

// The modules of such groups that one of `families` would read; their tensors are hidden in
// `names`. A companion beside plain floating-point weights is only noted. Errors (unsupported)
// name encoding and tensor.
UnreadQuantised hide_quantised(const Checkpoint& checkpoint, const Config& config,
                               std::span<const NamingFamily* const> families, NameTable& names);

}  // namespace wmk::checkpoint
