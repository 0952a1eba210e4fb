// Finds the value/output circuits of attention heads, whatever their names and however they are
// fused (specs/heads.md 1).
//
// Thread-safety: pure function.
#pragma once

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// For Anatomy::heads. Heads that cannot be read are not an error: Heads::missing says why. Errors
// are those of reading norm weights.
Result<Heads> find_heads(const Checkpoint& checkpoint, const Anatomy& anatomy,
                         const Config& config);

}  // namespace wmk::checkpoint
