// How much of the vectors of a model lies along the ones vector.
//
// Purpose: multiples of ones can hide a mark behind a LayerNorm only where they are large; a
// reading that ignores them is worth its place only there. Thread-safety: pure function.
#pragma once

#include "checkpoint/layout/anatomy.h"

namespace wmk::checkpoint {

// The largest mean share of the squared length, (w . 1)^2 / (d ||w||^2), among samples of up rows
// with their norm weights folded in, of down columns, and of rows of the embedding. About 1/d where
// nothing was added; 0 if nothing can be read.
double ones_share(const Checkpoint& checkpoint, const Anatomy& anatomy);

}  // namespace wmk::checkpoint
